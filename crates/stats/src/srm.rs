//! Sample ratio mismatch: did the units divide as configured?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::arm::count_as_f64;
use crate::chi_square;
use crate::shares::ExpectedShares;

/// Units below which no sample-ratio p-value is given.
pub const MIN_UNITS: u64 = 100;

/// Share of quarantined units above which the report warns.
pub const QUARANTINE_WARN_SHARE: f64 = 0.01;

/// Share of quarantined units above which the results are not to be trusted.
pub const QUARANTINE_FAIL_SHARE: f64 = 0.05;

/// Whether the sample-ratio test could be computed. It says nothing about its outcome: that is the p-value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SrmStatus {
    /// There is a p-value.
    Ok,
    /// Fewer than [`MIN_UNITS`] units in the variants that should get any.
    InsufficientData,
    /// Fewer than two variants should get any units.
    NotApplicable,
}

/// How worrying the share of units seen in more than one variant is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineStatus {
    /// At most [`QUARANTINE_WARN_SHARE`].
    Ok,
    /// Above [`QUARANTINE_WARN_SHARE`].
    Warn,
    /// Above [`QUARANTINE_FAIL_SHARE`].
    Fail,
}

/// Result of the chi-square test of the split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatioTest {
    /// Whether there is a p-value.
    pub status: SrmStatus,
    /// Pearson's chi-square statistic; `None` without a p-value. Finite.
    pub statistic: Option<f64>,
    /// Variants that should get units, less one; `None` without a p-value.
    pub degrees_of_freedom: Option<u32>,
    /// Probability of a split at least as uneven by chance alone.
    pub p_value: Option<f64>,
    /// Whether a variant that should get nobody got somebody.
    pub leaked: bool,
}

/// Pearson's chi-square test that units divide as expected.
///
/// `observed` are units by variant, quarantined ones excluded; an expected variant that is absent has none. Only
/// variants with a positive share take part. Units elsewhere (share 0, or not expected at all) set `leaked`; without
/// any expected share nothing can leak.
///
/// # Formula
/// `X^2 = sum_j (x_j - n s_j)^2 / (n s_j)` over the live variants, `n` their units, `s_j` normalised over them;
/// `p = Q(df/2, X^2/2)`, `df = live - 1`. No p-value below [`MIN_UNITS`] units or two live variants.
///
/// # Source
/// Pearson (1900), Phil. Mag. 50; as a check on experiments, Fabijan et al. (2019), *Diagnosing sample ratio mismatch in
/// online controlled experiments*, KDD. Confirmed by scipy `chisquare` (vectors `srm_chi2`).
///
/// # Compatibility
/// A share of zero removes its variant instead of the whole test, a deliberate difference (contract, statistics
/// section 0).
pub fn sample_ratio_test(expected: &ExpectedShares, observed: &BTreeMap<String, u64>) -> SampleRatioTest {
    let live = expected.live(observed);
    let leaked = !expected.is_empty()
        && observed
            .iter()
            .any(|(variant, units)| *units > 0 && expected.share(variant) == 0.0);
    let units: f64 = live.iter().map(|(_, units)| count_as_f64(*units)).sum();
    let without_p_value = |status| SampleRatioTest {
        status,
        statistic: None,
        degrees_of_freedom: None,
        p_value: None,
        leaked,
    };
    if live.len() < 2 {
        return without_p_value(SrmStatus::NotApplicable);
    }
    if units < count_as_f64(MIN_UNITS) {
        return without_p_value(SrmStatus::InsufficientData);
    }
    let statistic: f64 = live
        .iter()
        .map(|(share, units_of_variant)| {
            let expected_units = units * share;
            let excess = count_as_f64(*units_of_variant) - expected_units;
            excess * excess / expected_units
        })
        .sum();
    let degrees_of_freedom = u32::try_from(live.len() - 1).unwrap_or(u32::MAX);
    SampleRatioTest {
        status: SrmStatus::Ok,
        statistic: Some(statistic),
        degrees_of_freedom: Some(degrees_of_freedom),
        p_value: Some(chi_square::upper_tail(statistic, degrees_of_freedom)),
        leaked,
    }
}
