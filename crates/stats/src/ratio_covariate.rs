//! Variance reduction of ratio metrics (contract, statistics section 8).

use crate::compensated::centred_sum_of_products;
use crate::covariate::{Covariances, CovariateAdjustment, adjust};
use crate::effect::EffectMoments;
use crate::error::{InvalidStatistics, Unestimable, in_range};
use crate::quotient::Quotient;
use crate::ratio::RatioArm;

/// Sufficient statistics of a ratio metric in one variant, with the same metric before the unit's exposure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioCovariateArm {
    after: RatioArm,
    before: RatioArm,
    cross: [[f64; 2]; 2],
}

impl RatioCovariateArm {
    /// Checks and keeps the statistics. `cross[i][j]` is the sum over the units of the numerator (`i = 0`) or denominator
    /// (`i = 1`) after exposure times the numerator (`j = 0`) or denominator (`j = 1`) before.
    ///
    /// # Errors
    /// [`InvalidStatistics::Lengths`] if the periods count different units; [`InvalidStatistics::OutOfRange`] if a product
    /// is not finite or exceeds what the sums of squares allow (Cauchy-Schwarz).
    pub fn new(after: RatioArm, before: RatioArm, cross: [[f64; 2]; 2]) -> Result<Self, InvalidStatistics> {
        const SLACK: f64 = 1.0 + 1e-9;
        if after.numerator().n() != before.numerator().n() {
            let length = |arm: &RatioArm| usize::try_from(arm.numerator().n()).unwrap_or(usize::MAX);
            return Err(InvalidStatistics::Lengths {
                names: "units after and before",
                lengths: [length(&after), length(&before)],
            });
        }
        for (arm, products) in [after.numerator(), after.denominator()].into_iter().zip(cross) {
            for (other, product) in [before.numerator(), before.denominator()]
                .into_iter()
                .zip(products)
            {
                let most = arm.sum_squares().sqrt() * other.sum_squares().sqrt() * SLACK;
                in_range(
                    "cross",
                    "a finite number within the sums of squares",
                    product,
                    product.abs() <= most,
                )?;
            }
        }
        Ok(Self { after, before, cross })
    }

    /// The metric after exposure.
    pub fn after(&self) -> &RatioArm {
        &self.after
    }

    /// What each unit adds to the two ratios: `u = (num - R den)/mean(den)` in both periods.
    fn covariances(&self) -> Result<Covariances, Unestimable> {
        let after = self.after.estimate()?;
        let units = self.after.numerator().units();
        let before = match self.before.estimate() {
            Ok(before) => before,
            // Nobody was seen before: the covariate is constant.
            Err(Unestimable::ZeroDenominator) => {
                return Ok(Covariances {
                    n: units,
                    y: after.value,
                    x: Quotient::exact(0.0),
                    yy: after.variance * units,
                    xy: 0.0,
                    xx: 0.0,
                });
            }
            Err(reason) => return Err(reason),
        };
        let arms = |arm: &RatioArm| [arm.numerator().sum(), arm.denominator().sum()];
        let (sums_after, sums_before) = (arms(&self.after), arms(&self.before));
        let products = |i: usize, j: usize| {
            centred_sum_of_products(units, sums_after[i], sums_before[j], self.cross[i][j]) / (units - 1.0)
        };
        let (r, s) = (after.value.value(), before.value.value());
        let linearised = products(0, 0) - s * products(0, 1) - r * (products(1, 0) - s * products(1, 1));
        let means = (sums_after[1] / units) * (sums_before[1] / units);
        Ok(Covariances {
            n: units,
            y: after.value,
            x: before.value,
            yy: after.variance * units,
            xy: linearised / means,
            xx: before.variance * units,
        })
    }
}

/// Adjusts the effect on a ratio for the same ratio before exposure.
///
/// # Formula
/// Each period is linearised, `u_i = (num_i - R_k den_i)/mean(den)` within arm `k`; then as
/// [`covariate_adjusted`](crate::covariate_adjusted) with the ratios as means. A period before exposure without any
/// denominator adjusts nothing.
///
/// # Errors
/// In this order: [`Unestimable::InsufficientData`], [`Unestimable::ZeroDenominator`] after exposure,
/// [`Unestimable::ZeroVariance`].
///
/// # Source
/// Deng, Xu, Kohavi & Walker (2013), appendix B; Deng, Knoblich & Lu (2018). Confirmed by the covariances of linearised rows.
pub fn ratio_covariate_adjusted(
    control: &RatioCovariateArm,
    treatment: &RatioCovariateArm,
) -> Result<CovariateAdjustment, Unestimable> {
    let unadjusted = EffectMoments::of_ratios(&control.after, &treatment.after)?;
    if unadjusted.variance <= 0.0 {
        return Err(Unestimable::ZeroVariance);
    }
    adjust(&control.covariances()?, &treatment.covariances()?, unadjusted)
}
