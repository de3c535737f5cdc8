//! What an effect comes to when everybody gets it (contract, statistics section 15).

use crate::error::{InvalidStatistics, in_range};
use crate::posterior::Interval;

/// The effect per day at a full rollout, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledImpact {
    /// Per day.
    pub estimate: f64,
    /// Its interval, scaled alike.
    pub interval: Interval,
}

/// Scales an absolute effect on a mean, count, sum or proportion to all eligible units of a day. Ratios and quantiles do not
/// add up over units, so they have no scaled impact.
///
/// # Formula
/// `A x units per day`, and the ends of the interval alike.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for a negative number of units.
///
/// # Source
/// Contract, statistics section 15.
pub fn scaled_impact(
    estimate: f64,
    interval: Interval,
    eligible_units_per_day: f64,
) -> Result<ScaledImpact, InvalidStatistics> {
    let units = in_range(
        "eligible_units_per_day",
        "a finite number of at least 0",
        eligible_units_per_day,
        eligible_units_per_day >= 0.0,
    )?;
    Ok(ScaledImpact {
        estimate: estimate * units,
        interval: Interval {
            low: interval.low * units,
            high: interval.high * units,
        },
    })
}
