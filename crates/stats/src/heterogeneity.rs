//! Do effects differ between groups, or over time? (contract, statistics section 15)

use crate::chi_square;
use crate::error::{InvalidStatistics, in_range, positive};

/// Units that each arm of a level of a dimension needs; smaller levels are merged into "other".
pub const MIN_UNITS_PER_LEVEL: u64 = 100;

/// Beyond this sums of effects might overflow.
const LARGEST_EFFECT: f64 = 1e200;

/// An effect with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupEffect {
    effect: f64,
    standard_error: f64,
}

impl GroupEffect {
    /// Checks and keeps the numbers.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] for an effect beyond 1e200 or a standard error that is not above 0.
    pub fn new(effect: f64, standard_error: f64) -> Result<Self, InvalidStatistics> {
        Ok(Self {
            effect: in_range(
                "effect",
                "between -1e200 and 1e200",
                effect,
                effect.abs() <= LARGEST_EFFECT,
            )?,
            standard_error: positive("standard_error", standard_error)?,
        })
    }
}

/// Cochran's test that effects are the same in all groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heterogeneity {
    /// Mean of the effects, weighted by precision.
    pub pooled: f64,
    /// Standard error of that mean.
    pub pooled_standard_error: f64,
    /// `Q`.
    pub q: f64,
    /// Groups less one.
    pub degrees_of_freedom: u32,
    /// Probability of effects at least as different by chance alone; `None` for a single group.
    pub p_value: Option<f64>,
    /// `I^2`: share of the differences that is not chance, 0 to 1.
    pub i_squared: f64,
}

/// Tests homogeneity of the effects of a dimension's levels. With the four cells of two experiments that ran at the same
/// time it is the test of their interaction.
///
/// # Formula
/// `w_k = 1/se_k^2`, `pooled = sum w_k A_k / sum w_k`, `Q = sum w_k (A_k - pooled)^2`, `df = K - 1`, `p` its chi-square tail,
/// `I^2 = max(0, (Q - df)/Q)`.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] without groups.
///
/// # Source
/// Cochran (1954), Biometrics 10; Higgins & Thompson (2002), Statist. Med. 21. Confirmed by statsmodels `combine_effects`
/// and scipy (vectors `heterogeneity`).
pub fn heterogeneity(groups: &[GroupEffect]) -> Result<Heterogeneity, InvalidStatistics> {
    let count = crate::arm::count_as_f64(groups.len() as u64);
    in_range("groups", "at least 1", count, !groups.is_empty())?;
    // Relative to the most precise group, so that no weight overflows.
    let smallest = groups
        .iter()
        .map(|group| group.standard_error)
        .fold(f64::INFINITY, f64::min);
    let weight = |group: &GroupEffect| {
        let relative = smallest / group.standard_error;
        relative * relative
    };
    let total: f64 = groups.iter().map(weight).sum();
    let reference = groups[0].effect;
    let shift: f64 = groups
        .iter()
        .map(|group| weight(group) * (group.effect - reference))
        .sum::<f64>()
        / total;
    let q: f64 = groups
        .iter()
        .map(|group| {
            let z = (group.effect - reference - shift) / group.standard_error;
            z * z
        })
        .sum();
    let degrees_of_freedom = u32::try_from(groups.len() - 1).unwrap_or(u32::MAX);
    let q = q.min(f64::MAX);
    Ok(Heterogeneity {
        pooled: reference + shift,
        pooled_standard_error: smallest / total.sqrt(),
        q,
        degrees_of_freedom,
        p_value: (degrees_of_freedom > 0).then(|| chi_square::upper_tail(q, degrees_of_freedom)),
        i_squared: if q > 0.0 {
            ((q - f64::from(degrees_of_freedom)) / q).max(0.0)
        } else {
            0.0
        },
    })
}

/// Whether the effect drifts from day to day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Novelty {
    /// Change of the effect per day, in its unit.
    pub slope: f64,
    /// Slope over its standard error.
    pub z: f64,
    /// Whether that is too much for chance: `|z| > 3` over seven days or more.
    pub flagged: bool,
}

/// Regresses daily effects on the day; `None` below two days with an effect.
///
/// `days` holds the day, counted from any start, and that day's effect.
///
/// # Formula
/// Weighted least squares with `w = 1/se^2`: `slope = sum w (d - d_w)(A - A_w) / S`, `S = sum w (d - d_w)^2`,
/// `z = slope sqrt(S)`.
///
/// # Source
/// Contract, statistics section 15. Confirmed by statsmodels `WLS` with known weights (own data).
pub fn novelty(days: &[(f64, GroupEffect)]) -> Option<Novelty> {
    const LARGEST_Z: f64 = 3.0;
    const MIN_DAYS: usize = 7;
    let weight = |group: &GroupEffect| 1.0 / (group.standard_error * group.standard_error);
    let total: f64 = days.iter().map(|(_, group)| weight(group)).sum();
    let mean = |of: &dyn Fn(&(f64, GroupEffect)) -> f64| {
        days.iter().map(|day| weight(&day.1) * of(day)).sum::<f64>() / total
    };
    let mean_day = mean(&|day| day.0);
    let mean_effect = mean(&|day| day.1.effect);
    let spread: f64 = days
        .iter()
        .map(|(day, group)| weight(group) * (day - mean_day) * (day - mean_day))
        .sum();
    let slope = days
        .iter()
        .map(|(day, group)| weight(group) * (day - mean_day) * (group.effect - mean_effect))
        .sum::<f64>()
        / spread;
    let z = slope * spread.sqrt();
    (slope.is_finite() && z.is_finite()).then(|| Novelty {
        slope,
        z,
        flagged: z.abs() > LARGEST_Z && days.len() >= MIN_DAYS,
    })
}
