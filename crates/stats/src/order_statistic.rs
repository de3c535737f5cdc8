//! Quantile metrics (contract, statistics section 10).

use crate::arm::count_as_f64;
use crate::effect::{ArmEstimate, EffectMoments};
use crate::error::{InvalidStatistics, Unestimable, in_range, positive};
use crate::normal;
use crate::quotient::Quotient;
use crate::ratio::RatioArm;
use crate::significance::SignificanceLevel;

/// Which order statistics are needed of a sample of `n`, 1-based.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuantileRanks {
    /// Rank of the quantile itself.
    pub rank: u64,
    /// Ranks of the ends of its confidence interval; `None` if the sample is too small to have both.
    pub outer: Option<(u64, u64)>,
}

/// The ranks for quantile `nu` (strictly between 0 and 1) of `n` values.
///
/// # Formula
/// `ceil(n nu)`; ends `floor(n nu - z sqrt(n nu (1 - nu)))` and `ceil(n nu + z sqrt(n nu (1 - nu))) + 1`, both within 1 to
/// `n`. A product `n nu` within 1e-9 of a whole number counts as that number.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for `nu` outside 0 to 1 or an empty sample.
///
/// # Source
/// Deng, Knoblich & Lu (2018), section 4.1, the outer interval. Confirmed by numpy (vectors `quantile`).
pub fn quantile_ranks(n: u64, nu: f64, alpha: SignificanceLevel) -> Result<QuantileRanks, InvalidStatistics> {
    in_range("quantile", "above 0 and below 1", nu, nu > 0.0 && nu < 1.0)?;
    if n > crate::MAX_UNITS {
        return Err(InvalidStatistics::TooManyUnits(n));
    }
    positive("n", count_as_f64(n))?;
    let units = count_as_f64(n);
    let centre = units * nu;
    let half_width = normal::two_sided_quantile(alpha) * (centre * (1.0 - nu)).sqrt();
    let low = (centre - half_width).floor();
    let high = (centre + half_width).ceil() + 1.0;
    Ok(QuantileRanks {
        rank: whole(snapped(centre).ceil().clamp(1.0, units)),
        outer: (low >= 1.0 && high <= units).then(|| (whole(low), whole(high))),
    })
}

/// A quantile with the ends of its outer confidence interval, as read from the sorted sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileEstimate {
    /// Values.
    pub n: u64,
    /// The quantile.
    pub quantile: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl QuantileEstimate {
    /// Variance of the quantile of independent values, in the square of the metric's unit.
    ///
    /// # Formula
    /// `((upper - lower) / (2 z))^2`, `z` of the level at which the ends were taken.
    pub fn variance(&self, alpha: SignificanceLevel) -> f64 {
        let standard_error = (self.upper - self.lower) / (2.0 * normal::two_sided_quantile(alpha));
        standard_error * standard_error
    }
}

/// How much wider the variance of a quantile is because units have several events.
///
/// `share_below` has, per unit, the events at or below the quantile over all its events.
///
/// # Formula
/// `v_cluster / (nu (1 - nu) / n)`, with the delta variance of the ratio over the units and `n` events.
///
/// # Errors
/// As [`RatioArm::value`]; [`Unestimable::ZeroVariance`] for a quantile at 0 or 1.
///
/// # Source
/// Deng, Knoblich & Lu (2018), section 4.2. Confirmed by gbstats (vectors `quantile`).
pub fn design_effect(share_below: &RatioArm, events: u64, nu: f64) -> Result<f64, Unestimable> {
    let (_, clustered) = share_below.value()?;
    let independent = nu * (1.0 - nu) / count_as_f64(events);
    if independent > 0.0 {
        Ok(clustered / independent)
    } else {
        Err(Unestimable::ZeroVariance)
    }
}

/// A quantile of one variant with the variance of that quantile, ready to be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileArm {
    units: u64,
    quantile: f64,
    variance: f64,
}

impl QuantileArm {
    /// `units` of randomisation (at least 2), the quantile, and its variance with any design effect in it.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] if a number is not finite, the variance is negative or there are too few units.
    pub fn new(units: u64, quantile: f64, variance: f64) -> Result<Self, InvalidStatistics> {
        in_range("n", "at least 2", count_as_f64(units), units >= 2)?;
        in_range("quantile_hat", "a finite number", quantile, true)?;
        in_range(
            "variance",
            "a finite number of at least 0",
            variance,
            variance >= 0.0,
        )?;
        Ok(Self {
            units,
            quantile,
            variance,
        })
    }

    /// Units of randomisation.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// The quantile.
    pub fn quantile(&self) -> f64 {
        self.quantile
    }

    /// Variance of the quantile.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    fn estimate(&self) -> ArmEstimate {
        ArmEstimate {
            value: Quotient::exact(self.quantile),
            variance: self.variance,
            degrees_of_freedom: count_as_f64(self.units) - 1.0,
            units: self.units,
        }
    }
}

impl EffectMoments {
    /// Effect on a quantile.
    ///
    /// # Formula
    /// `A = q_t - q_c`, `V_A = v_t + v_c`, `B = q_c`.
    ///
    /// # Errors
    /// [`Unestimable::Overflow`].
    ///
    /// # Source
    /// Deng, Knoblich & Lu (2018). Confirmed by gbstats (vectors `quantile`).
    pub fn of_quantiles(control: &QuantileArm, treatment: &QuantileArm) -> Result<Self, Unestimable> {
        Self::of_independent(&control.estimate(), &treatment.estimate()).finite(Unestimable::Overflow)
    }
}

/// The whole number that a product of decimals stands for.
fn snapped(x: f64) -> f64 {
    const ROUNDING: f64 = 1e-9;
    let nearest = x.round();
    if (x - nearest).abs() <= ROUNDING {
        nearest
    } else {
        x
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number between 1 and 2^53"
)]
fn whole(x: f64) -> u64 {
    x as u64
}
