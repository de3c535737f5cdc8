//! When an experiment will have its units (contract, statistics section 13).

use crate::arm::count_as_f64;
use crate::error::{InvalidStatistics, in_range};

/// Days below which no experiment should be planned: a whole week.
pub const MIN_DAYS: u64 = 7;

/// Days to run, from the start of the experiment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RuntimeForecast {
    /// Expected days, at least [`MIN_DAYS`].
    pub days: u64,
    /// With probability 0.95 not before.
    pub days_low: u64,
    /// With probability 0.95 not after; `None` if even that cannot be said.
    pub days_high: Option<u64>,
}

/// Days without the least of a week, not rounded: expected, low, high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ExactForecast {
    pub(crate) expected: f64,
    pub(crate) low: f64,
    pub(crate) high: Option<f64>,
}

impl ExactForecast {
    /// Whole days, each at least `least`.
    pub(crate) fn at_least(&self, least: u64) -> RuntimeForecast {
        let days = |exact: f64| days(exact).max(least);
        RuntimeForecast {
            days: days(self.expected),
            days_low: days(self.low),
            days_high: self.high.filter(|high| *high < LARGEST_DAYS).map(days),
        }
    }
}

/// Days until `units_required` units of all arms have entered, from the new eligible units of the last full days and the
/// share of them that enters; `None` if nobody enters.
///
/// # Formula
/// `ceil(units / (m share))`, `m` the daily mean. The band solves `d m -+ 1.645 sqrt(phi m (d + d^2/D)) = units/share` for
/// the days: daily counts are Poisson with overdispersion `phi = max(1, s^2/m)`, and `m` itself is known from `D` days.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] without days, for negative counts, or for a share outside 0 to 1.
///
/// # Source
/// Contract, statistics section 13; McCullagh & Nelder (1989), *Generalized Linear Models*, section 6.2, for the
/// overdispersion. Confirmed by simulation.
pub fn forecast_runtime(
    units_required: f64,
    daily_new_units: &[f64],
    rollout_share: f64,
) -> Result<Option<RuntimeForecast>, InvalidStatistics> {
    let exact = forecast_exactly(units_required, daily_new_units, rollout_share)?;
    Ok(exact.map(|exact| exact.at_least(MIN_DAYS)))
}

/// [`forecast_runtime`] before it is rounded up to whole days and a whole week.
pub(crate) fn forecast_exactly(
    units_required: f64,
    daily_new_units: &[f64],
    rollout_share: f64,
) -> Result<Option<ExactForecast>, InvalidStatistics> {
    const Z_95_ONE_SIDED: f64 = 1.644_853_626_951_472_2;
    in_range(
        "units_required",
        "a finite number of at least 0",
        units_required,
        units_required >= 0.0,
    )?;
    in_range(
        "rollout_share",
        "between 0 and 1",
        rollout_share,
        (0.0..=1.0).contains(&rollout_share),
    )?;
    let count = count_as_f64(daily_new_units.len() as u64);
    in_range("days", "at least 1", count, !daily_new_units.is_empty())?;
    for units in daily_new_units {
        in_range(
            "daily_units",
            "a finite number of at least 0",
            *units,
            *units >= 0.0,
        )?;
    }
    let mean = daily_new_units.iter().sum::<f64>() / count;
    if mean * rollout_share <= 0.0 {
        return Ok(None);
    }
    let spread: f64 = daily_new_units
        .iter()
        .map(|units| (units - mean) * (units - mean))
        .sum();
    let overdispersion = if count > 1.0 {
        (spread / (count - 1.0) / mean).max(1.0)
    } else {
        1.0
    };
    let needed = units_required / rollout_share;
    let relative = overdispersion / mean;
    let square = Z_95_ONE_SIDED * Z_95_ONE_SIDED * relative;
    let expected = needed / mean;
    // (d - e)^2 = z^2 phi/m (d + d^2/D), a quadratic in d.
    let a = 1.0 - square / count;
    let half_b = expected + 0.5 * square;
    let root = (half_b * half_b - a * expected * expected).max(0.0).sqrt();
    let low = expected * expected / (half_b + root);
    let high = (a > 0.0).then(|| (half_b + root) / a);
    Ok(Some(ExactForecast { expected, low, high }))
}

/// Beyond this many days a forecast says nothing.
const LARGEST_DAYS: f64 = 1e9;

/// Whole days.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to days that fit"
)]
fn days(exact: f64) -> u64 {
    exact.clamp(0.0, LARGEST_DAYS).ceil() as u64
}
