//! Inference at one look, planned beforehand (contract, statistics section 4).

use crate::effect::EffectMoments;
use crate::error::Unestimable;
use crate::posterior::NormalPosterior;
use crate::significance::SignificanceLevel;
use crate::student;

/// Result of Welch's two-sample t test on the absolute effect. All numbers finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WelchTest {
    /// Treatment minus control, in the metric's unit.
    pub estimate: f64,
    /// Standard error of the estimate, in the metric's unit.
    pub standard_error: f64,
    /// Welch-Satterthwaite degrees of freedom.
    pub degrees_of_freedom: f64,
    /// `t`: estimate over standard error.
    pub statistic: f64,
    /// Two-sided p-value of no effect.
    pub p_value: f64,
    /// Lower end of the confidence interval, in the metric's unit.
    pub ci_low: f64,
    /// Upper end of the confidence interval, in the metric's unit.
    pub ci_high: f64,
}

/// Welch's t test of no absolute effect, with the confidence interval of level `1 - alpha`.
///
/// # Formula
/// `t = A / sqrt(V_A)`, `p = 2 S_t(|t|; df)` by a tail function, interval `A -+ t_{1-alpha/2, df} sqrt(V_A)`.
///
/// # Errors
/// [`Unestimable::ZeroVariance`] if `V_A` is zero; the estimate is then known from the moments.
///
/// # Source
/// Welch (1947), Biometrika 34. Confirmed by scipy `ttest_ind_from_stats` and gbstats (vectors `welch_absolute`).
pub fn welch_test(effect: &EffectMoments, alpha: SignificanceLevel) -> Result<WelchTest, Unestimable> {
    welch_test_with(
        effect,
        student::two_sided_quantile(alpha, effect.degrees_of_freedom),
    )
}

/// [`welch_test`] whose t quantile is known.
pub(crate) fn welch_test_with(effect: &EffectMoments, quantile: f64) -> Result<WelchTest, Unestimable> {
    let standard_error = absolute_standard_error(effect)?;
    let degrees_of_freedom = effect.degrees_of_freedom;
    let statistic = (effect.estimate / standard_error).clamp(f64::MIN, f64::MAX);
    let half_width = quantile * standard_error;
    Ok(WelchTest {
        estimate: effect.estimate,
        standard_error,
        degrees_of_freedom,
        statistic,
        p_value: student::two_sided_tail(statistic, degrees_of_freedom),
        ci_low: effect.estimate - half_width,
        ci_high: effect.estimate + half_width,
    })
}

/// The absolute effect under a flat prior: normal with mean `A` and variance `V_A`.
///
/// # Errors
/// [`Unestimable::ZeroVariance`] if `V_A` is zero.
///
/// # Source
/// Contract, statistics section 14, flat prior. Confirmed by gbstats (vectors `bayesian`).
pub fn flat_absolute(effect: &EffectMoments) -> Result<NormalPosterior, Unestimable> {
    let standard_deviation = absolute_standard_error(effect)?;
    Ok(NormalPosterior {
        mean: effect.estimate,
        standard_deviation,
    })
}

/// The relative effect under a flat prior: normal with mean `L` and the delta-method variance. As a frequentist
/// statement, the same numbers are the delta-method estimate and its standard error.
///
/// # Formula
/// [`EffectMoments::lift`], [`EffectMoments::lift_standard_error`].
///
/// # Errors
/// In this order: [`Unestimable::ZeroVariance`] if `V_A` is zero, [`Unestimable::ZeroBaseline`],
/// [`Unestimable::DegenerateRelative`] if the delta-method variance is zero (treatment identically zero).
///
/// # Source
/// Contract, statistics sections 4 and 14. Confirmed by gbstats and mpmath (vectors `relative_delta`, `bayesian`).
pub fn flat_relative(effect: &EffectMoments) -> Result<NormalPosterior, Unestimable> {
    absolute_standard_error(effect)?;
    let standard_deviation = effect.lift_standard_error()?;
    if standard_deviation == 0.0 {
        return Err(Unestimable::DegenerateRelative);
    }
    Ok(NormalPosterior {
        mean: effect.lift()?,
        standard_deviation,
    })
}

fn absolute_standard_error(effect: &EffectMoments) -> Result<f64, Unestimable> {
    if effect.variance > 0.0 {
        Ok(effect.variance.sqrt())
    } else {
        Err(Unestimable::ZeroVariance)
    }
}
