//! Variance reduction with a covariate from before the exposure, CUPED (contract, statistics section 8).

use crate::arm::Arm;
use crate::compensated::centred_sum_of_products;
use crate::effect::EffectMoments;
use crate::error::{InvalidStatistics, Unestimable};
use crate::quotient::Quotient;

/// Sufficient statistics of one variant with a covariate: the same metric before the unit's exposure, 0 for units that
/// were not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CovariateArm {
    outcome: Arm,
    covariate: Arm,
    cross: f64,
}

impl CovariateArm {
    /// Checks and keeps the statistics; `cross` is the sum of outcome times covariate over the units.
    ///
    /// # Errors
    /// [`InvalidStatistics::Lengths`] if the two arms count different units; [`InvalidStatistics::NotFinite`];
    /// [`InvalidStatistics::OutOfRange`] if `cross` exceeds what the sums of squares allow (Cauchy-Schwarz).
    pub fn new(outcome: Arm, covariate: Arm, cross: f64) -> Result<Self, InvalidStatistics> {
        const SLACK: f64 = 1.0 + 1e-9;
        if outcome.n() != covariate.n() {
            let length = |arm: &Arm| usize::try_from(arm.n()).unwrap_or(usize::MAX);
            return Err(InvalidStatistics::Lengths {
                names: "units of outcome and covariate",
                lengths: [length(&outcome), length(&covariate)],
            });
        }
        let most = outcome.sum_squares().sqrt() * covariate.sum_squares().sqrt() * SLACK;
        crate::error::in_range(
            "cross",
            "a finite number within the sums of squares",
            cross,
            cross.abs() <= most,
        )?;
        Ok(Self {
            outcome,
            covariate,
            cross,
        })
    }

    /// The metric after exposure.
    pub fn outcome(&self) -> &Arm {
        &self.outcome
    }

    fn moments(&self) -> Option<Covariances> {
        let degrees_of_freedom = (self.outcome.n() >= 2).then(|| self.outcome.units() - 1.0)?;
        let products = centred_sum_of_products(
            self.outcome.units(),
            self.outcome.sum(),
            self.covariate.sum(),
            self.cross,
        );
        Some(Covariances {
            yy: self.outcome.variance()?,
            xy: products / degrees_of_freedom,
            xx: self.covariate.variance()?,
            n: self.outcome.units(),
            y: Quotient::new(self.outcome.sum(), self.outcome.units()),
            x: Quotient::new(self.covariate.sum(), self.covariate.units()),
        })
    }
}

/// Values and covariate of one arm: the two numbers, and the covariances of what each unit adds to them.
pub(crate) struct Covariances {
    pub(crate) n: f64,
    pub(crate) y: Quotient,
    pub(crate) x: Quotient,
    pub(crate) yy: f64,
    pub(crate) xy: f64,
    pub(crate) xx: f64,
}

impl Covariances {
    /// Variance of the mean of `y - theta x`.
    fn adjusted_variance(&self, theta: f64) -> f64 {
        (theta * (theta * self.xx - 2.0 * self.xy) + self.yy).max(0.0) / self.n
    }
}

/// A covariate-adjusted effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CovariateAdjustment {
    /// The adjusted difference over the unadjusted control mean; every method applies to it. Its variance is 0 where the
    /// covariate explains everything.
    pub effect: EffectMoments,
    /// The coefficient; 0 if the covariate is constant.
    pub theta: f64,
    /// Whether the covariate varies in neither arm, so that nothing was adjusted (`covariate_constant`).
    pub covariate_constant: bool,
    /// `1 - V_A / V_A(unadjusted)`, a share.
    pub variance_reduction: f64,
    /// Control mean, adjusted to the pooled covariate mean.
    pub adjusted_mean_control: f64,
    /// Treatment mean, adjusted to the pooled covariate mean.
    pub adjusted_mean_treatment: f64,
}

/// Adjusts the effect on a mean for the covariate.
///
/// # Formula
/// `theta = (s_xy,c/n_c + s_xy,t/n_t) / (s_xx,c/n_c + s_xx,t/n_t)`, which minimises `V_A`;
/// `A = (y_t - y_c) - theta (x_t - x_c)`, `V_A = sum_k (s_yy - 2 theta s_xy + theta^2 s_xx)_k / n_k`, `B = y_c`,
/// `C_AB = -(s_yy,c - theta s_xy,c)/n_c`; degrees of freedom after Welch-Satterthwaite on the adjusted variances.
///
/// # Errors
/// In this order: [`Unestimable::InsufficientData`] if an arm has fewer than two units; [`Unestimable::ZeroVariance`] if the
/// unadjusted variance is zero.
///
/// # Source
/// Deng, Xu, Kohavi & Walker (2013), *Improving the sensitivity of online controlled experiments by utilizing
/// pre-experiment data*, WSDM; agrees asymptotically with Lin (2013), Ann. Appl. Statist. 7. Confirmed by gbstats at the
/// same theta and by numeric minimisation (vectors `cuped`).
pub fn covariate_adjusted(
    control: &CovariateArm,
    treatment: &CovariateArm,
) -> Result<CovariateAdjustment, Unestimable> {
    let unadjusted = EffectMoments::of_means(&control.outcome, &treatment.outcome)?;
    if unadjusted.variance <= 0.0 {
        return Err(Unestimable::ZeroVariance);
    }
    let c = control.moments().ok_or(Unestimable::InsufficientData)?;
    let t = treatment.moments().ok_or(Unestimable::InsufficientData)?;
    adjust(&c, &t, unadjusted)
}

/// The adjustment, from the covariances of both arms.
pub(crate) fn adjust(
    c: &Covariances,
    t: &Covariances,
    unadjusted: EffectMoments,
) -> Result<CovariateAdjustment, Unestimable> {
    let spread = c.xx / c.n + t.xx / t.n;
    let covariate_constant = spread <= 0.0;
    let theta = if covariate_constant {
        0.0
    } else {
        (c.xy / c.n + t.xy / t.n) / spread
    };
    // The pooled covariate mean is this share of the way from control to treatment.
    let treatment_share = t.n / (c.n + t.n);
    let gap = t.x.minus(c.x);
    let variances = [c.adjusted_variance(theta), t.adjusted_variance(theta)];
    let variance = variances[0] + variances[1];
    let covariance = -(c.yy - theta * c.xy) / c.n;
    let baseline_variance = unadjusted.baseline_variance;
    let explained = if baseline_variance > 0.0 {
        covariance * covariance / baseline_variance
    } else {
        0.0
    };
    let effect = EffectMoments {
        estimate: t.y.minus(c.y) - theta * gap,
        variance,
        covariance,
        residual_variance: (variance - explained).max(0.0),
        degrees_of_freedom: crate::effect::welch_satterthwaite(variances, [c.n - 1.0, t.n - 1.0]),
        ..unadjusted
    }
    .finite(Unestimable::Overflow)?;
    Ok(CovariateAdjustment {
        effect,
        theta,
        covariate_constant,
        variance_reduction: 1.0 - variance / unadjusted.variance,
        adjusted_mean_control: c.y.value() + theta * treatment_share * gap,
        adjusted_mean_treatment: t.y.value() - theta * (1.0 - treatment_share) * gap,
    })
}
