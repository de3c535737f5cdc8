//! Ratio metrics: a sum over another, per variant (contract, statistics section 10).

use crate::arm::Arm;
use crate::compensated::centred_sum_of_products;
use crate::effect::{ArmEstimate, EffectMoments};
use crate::error::{InvalidStatistics, Unestimable, in_range};
use crate::quotient::Quotient;

/// Sufficient statistics of a ratio metric in one variant, one numerator and one denominator per unit of randomisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioArm {
    numerator: Arm,
    denominator: Arm,
    cross: f64,
}

impl RatioArm {
    /// Checks and keeps the statistics; `cross` is the sum of numerator times denominator over the units.
    ///
    /// # Errors
    /// [`InvalidStatistics::Lengths`] if the two arms count different units; [`InvalidStatistics::OutOfRange`] if `cross`
    /// is not finite or exceeds what the sums of squares allow (Cauchy-Schwarz).
    pub fn new(numerator: Arm, denominator: Arm, cross: f64) -> Result<Self, InvalidStatistics> {
        const SLACK: f64 = 1.0 + 1e-9;
        if numerator.n() != denominator.n() {
            let length = |arm: &Arm| usize::try_from(arm.n()).unwrap_or(usize::MAX);
            return Err(InvalidStatistics::Lengths {
                names: "units of numerator and denominator",
                lengths: [length(&numerator), length(&denominator)],
            });
        }
        let most = numerator.sum_squares().sqrt() * denominator.sum_squares().sqrt() * SLACK;
        in_range(
            "cross",
            "a finite number within the sums of squares",
            cross,
            cross.abs() <= most,
        )?;
        Ok(Self {
            numerator,
            denominator,
            cross,
        })
    }

    /// The numerators.
    pub fn numerator(&self) -> &Arm {
        &self.numerator
    }

    /// The denominators.
    pub fn denominator(&self) -> &Arm {
        &self.denominator
    }

    /// The ratio with its delta-method variance; not finite if the denominator is all but zero.
    pub(crate) fn estimate(&self) -> Result<ArmEstimate, Unestimable> {
        let units = self.numerator.units();
        let variance_of = |arm: &Arm| arm.variance().ok_or(Unestimable::InsufficientData);
        let (s_mm, s_dd) = (variance_of(&self.numerator)?, variance_of(&self.denominator)?);
        if self.denominator.sum() == 0.0 {
            return Err(Unestimable::ZeroDenominator);
        }
        let products =
            centred_sum_of_products(units, self.numerator.sum(), self.denominator.sum(), self.cross);
        let s_md = products / (units - 1.0);
        let value = Quotient::new(self.numerator.sum(), self.denominator.sum());
        let ratio = value.value();
        let mean = self.denominator.sum() / units;
        let linearised = ratio * (ratio * s_dd - 2.0 * s_md) + s_mm;
        Ok(ArmEstimate {
            value,
            variance: linearised.max(0.0) / (mean * mean * units),
            degrees_of_freedom: units - 1.0,
            units: self.numerator.n(),
        })
    }

    /// Value and variance of the value of this variant alone.
    ///
    /// # Formula
    /// `R = sum num / sum den`, `v = (s_mm - 2 R s_md + R^2 s_dd) / (mean_d^2 n)`.
    ///
    /// # Errors
    /// [`Unestimable::InsufficientData`] below two units, [`Unestimable::ZeroDenominator`].
    pub fn value(&self) -> Result<(f64, f64), Unestimable> {
        let estimate = self.estimate()?;
        let (value, variance) = (estimate.value.value(), estimate.variance);
        if value.is_finite() && variance.is_finite() {
            Ok((value, variance))
        } else {
            Err(Unestimable::ZeroDenominator)
        }
    }
}

impl EffectMoments {
    /// Effect on a ratio of sums. The unit of analysis is the unit of randomisation, always.
    ///
    /// # Formula
    /// `A = R_t - R_c`, `V_A = v_t + v_c`, `B = R_c`, with `R` and `v` as in [`RatioArm::value`].
    ///
    /// # Errors
    /// In this order: [`Unestimable::InsufficientData`] if an arm has fewer than two units,
    /// [`Unestimable::ZeroDenominator`].
    ///
    /// # Source
    /// Deng, Knoblich & Lu (2018), *Applying the delta method in metric analytics*, KDD. Confirmed by gbstats (vectors
    /// `ratio`).
    pub fn of_ratios(control: &RatioArm, treatment: &RatioArm) -> Result<Self, Unestimable> {
        if control.numerator.n() < 2 || treatment.numerator.n() < 2 {
            return Err(Unestimable::InsufficientData);
        }
        // A denominator this near to zero is none.
        Self::of_independent(&control.estimate()?, &treatment.estimate()?)
            .finite(Unestimable::ZeroDenominator)
    }
}
