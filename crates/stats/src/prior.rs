//! Prior beliefs about effects (contract, statistics section 14).

use crate::effect::EffectMoments;
use crate::error::{InvalidStatistics, Unestimable, moderate, moderate_positive};
use crate::fixed_horizon::{flat_absolute, flat_relative};
use crate::posterior::NormalPosterior;

/// What is believed of a relative effect before the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prior {
    /// Nothing: the posterior is the estimate and its standard error.
    Flat,
    /// Normal on the relative scale.
    Normal(NormalPrior),
}

/// `N(mu0, tau^2)` on the relative scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalPrior {
    mean: f64,
    standard_deviation: f64,
}

impl NormalPrior {
    /// No effect, give or take 30 %: the default.
    pub const DEFAULT: Self = Self {
        mean: 0.0,
        standard_deviation: 0.3,
    };

    /// Checks and keeps the prior, in shares of the control value.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] for a mean beyond 1e100 or a standard deviation outside 1e-100 to 1e100.
    pub fn new(mean: f64, standard_deviation: f64) -> Result<Self, InvalidStatistics> {
        Ok(Self {
            mean: moderate("prior.mean", mean)?,
            standard_deviation: moderate_positive("prior.sd", standard_deviation)?,
        })
    }

    /// Mean, a share.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation, a share.
    pub fn standard_deviation(&self) -> f64 {
        self.standard_deviation
    }
}

/// The relative effect given the data.
///
/// # Formula
/// Posterior precision `1/V + 1/tau^2`, mean `(L/V + mu0/tau^2)` over it; `L` and `V` of the delta method.
///
/// # Errors
/// As [`flat_relative`].
///
/// # Source
/// Gelman et al. (2013), *Bayesian Data Analysis*, section 2.5. Confirmed by gbstats and mpmath (vectors `bayesian`).
pub fn posterior_relative(effect: &EffectMoments, prior: Prior) -> Result<NormalPosterior, Unestimable> {
    let likelihood = flat_relative(effect)?;
    Ok(match prior {
        Prior::Flat => likelihood,
        Prior::Normal(prior) => update(&likelihood, prior.mean, prior.standard_deviation),
    })
}

/// The absolute effect given the data; a proper prior is scaled by the magnitude of the control value.
///
/// # Errors
/// As [`flat_absolute`]; then [`Unestimable::ZeroBaseline`] if the prior is proper and the control value zero.
///
/// # Source
/// As [`posterior_relative`].
pub fn posterior_absolute(effect: &EffectMoments, prior: Prior) -> Result<NormalPosterior, Unestimable> {
    let likelihood = flat_absolute(effect)?;
    match prior {
        Prior::Flat => Ok(likelihood),
        Prior::Normal(prior) => {
            let scale = effect.baseline.abs();
            let standard_deviation = prior.standard_deviation * scale;
            if standard_deviation > 0.0 {
                Ok(update(&likelihood, prior.mean * scale, standard_deviation))
            } else {
                Err(Unestimable::ZeroBaseline)
            }
        }
    }
}

/// Product of two normal densities, by the share of the variance that the prior leaves: no precision overflows.
fn update(likelihood: &NormalPosterior, mean: f64, standard_deviation: f64) -> NormalPosterior {
    let total = likelihood.standard_deviation.hypot(standard_deviation);
    let of_likelihood = standard_deviation / total;
    let of_prior = likelihood.standard_deviation / total;
    NormalPosterior {
        mean: likelihood.mean * (of_likelihood * of_likelihood) + mean * (of_prior * of_prior),
        standard_deviation: likelihood.standard_deviation * of_likelihood,
    }
}
