//! The split in full.

use std::collections::BTreeMap;

use serde::Serialize;

use super::input::Phase;
use crate::arm::count_as_f64;
use crate::chi_square;
use crate::multiplicity::Correction;
use crate::shares::ExpectedShares;
use crate::srm::{
    QUARANTINE_FAIL_SHARE, QUARANTINE_WARN_SHARE, QuarantineStatus, SampleRatioTest, SrmStatus,
    sample_ratio_test,
};
use crate::srm_sequential::{
    SRM_ALARM_LEVEL, SRM_CONCENTRATION, SequentialSampleRatio, sequential_sample_ratio,
};

/// The `srm` object of the results payload (contract, statistics section 17), over all phases up to this look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleRatioReport {
    /// Whether there is a p-value.
    pub status: SrmStatus,
    /// Pearson's p-value, to be read once; the phases' statistics and degrees of freedom add up.
    pub p_value: Option<f64>,
    /// Least sequential p-value over all looks; `None` if fewer than two variants should get any units.
    pub p_value_anytime: Option<f64>,
    /// Logarithm of the evidence at this look; the phases' add up.
    pub log_e_value: Option<f64>,
    /// Whether `p_value_anytime` has reached the level of the alarm.
    pub alarm: bool,
    /// Expected shares in force by variant, summing to 1.
    pub expected_shares: BTreeMap<String, f64>,
    /// Units of all phases by variant, quarantined ones excluded; expected variants without units are 0.
    pub observed: BTreeMap<String, u64>,
    /// How many times of constant shares there were.
    pub phases: usize,
    /// Those times, in order, the last one in force.
    pub by_phase: Vec<PhaseReport>,
    /// Whether a variant that should get nobody got somebody, in any phase.
    pub leaked: bool,
    /// Quarantined units over all units, 0 to 1; 0 without units.
    pub quarantined_share: f64,
    /// What that share means.
    pub quarantine_status: QuarantineStatus,
}

/// A time during which the shares stayed the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseReport {
    /// Expected shares by variant, summing to 1.
    pub expected_shares: BTreeMap<String, f64>,
    /// Units exposed during it, by variant.
    pub observed: BTreeMap<String, u64>,
}

/// The tests of the split together with the units that were set aside because they were seen in more than one variant.
///
/// `phases` are in order, the last one in force; `p_value_anytime` is that of the look before.
///
/// # Formula
/// `quarantined_share = quarantined / (quarantined + sum of observed)`; see [`sample_ratio_test`] and
/// [`sequential_sample_ratio`] for the rest.
///
/// # Source
/// Contract, statistics sections 9 and 17.
pub fn sample_ratio_report(
    phases: &[Phase],
    quarantined: u64,
    p_value_anytime: Option<f64>,
) -> SampleRatioReport {
    let tests: Vec<SampleRatioTest> = phases
        .iter()
        .map(|phase| sample_ratio_test(&phase.expected_shares, &phase.observed))
        .collect();
    let in_force = phases.last().map(|phase| &phase.expected_shares);
    let mut observed: BTreeMap<String, u64> = BTreeMap::new();
    for phase in phases {
        for (variant, units) in &phase.observed {
            let total = observed.entry(variant.clone()).or_default();
            *total = total.saturating_add(*units);
        }
    }
    for (variant, _) in in_force.into_iter().flat_map(ExpectedShares::iter) {
        observed.entry(variant.to_owned()).or_default();
    }
    let kept: f64 = observed.values().copied().map(count_as_f64).sum();
    let set_aside = count_as_f64(quarantined);
    let quarantined_share = if quarantined == 0 {
        0.0
    } else {
        set_aside / (set_aside + kept)
    };
    let sequential = sequential(phases);
    let p_value_anytime = match (sequential, p_value_anytime) {
        (Some(now), Some(before)) => Some(now.p_value.min(before)),
        (now, before) => now.map(|now| now.p_value).or(before),
    };
    SampleRatioReport {
        status: status(&tests),
        p_value: combined_p_value(&tests),
        p_value_anytime,
        log_e_value: sequential.map(|sequential| sequential.log_e_value),
        alarm: p_value_anytime.is_some_and(|p_value| p_value <= SRM_ALARM_LEVEL),
        expected_shares: in_force.map(by_variant).unwrap_or_default(),
        observed,
        phases: phases.len(),
        by_phase: phases
            .iter()
            .map(|phase| PhaseReport {
                expected_shares: by_variant(&phase.expected_shares),
                observed: phase.observed.clone(),
            })
            .collect(),
        leaked: tests.iter().any(|test| test.leaked),
        quarantined_share,
        quarantine_status: quarantine_status(quarantined_share),
    }
}

/// Where a mismatch sits: p-values of the split within each level of a dimension, by Holm over the levels; `None` for a
/// level that is too small.
///
/// # Source
/// Contract, statistics section 9.
pub fn sample_ratio_by_level(
    expected: &ExpectedShares,
    levels: &BTreeMap<String, BTreeMap<String, u64>>,
) -> BTreeMap<String, Option<f64>> {
    let p_values: Vec<Option<f64>> = levels
        .values()
        .map(|observed| sample_ratio_test(expected, observed).p_value)
        .collect();
    let adjusted = Correction::Holm.adjust(&p_values).unwrap_or(p_values);
    levels.keys().cloned().zip(adjusted).collect()
}

/// The evidence of the phases in which two variants or more should get units.
fn sequential(phases: &[Phase]) -> Option<SequentialSampleRatio> {
    let logs: Vec<f64> = phases
        .iter()
        .map(|phase| phase.expected_shares.live(&phase.observed))
        .filter(|split| split.len() >= 2)
        .map(|split| sequential_sample_ratio(&split, SRM_CONCENTRATION).log_e_value)
        .collect();
    (!logs.is_empty()).then(|| SequentialSampleRatio::new(logs.iter().sum()))
}

fn by_variant(shares: &ExpectedShares) -> BTreeMap<String, f64> {
    shares
        .iter()
        .map(|(variant, share)| (variant.to_owned(), share))
        .collect()
}

fn status(tests: &[SampleRatioTest]) -> SrmStatus {
    let has = |status| tests.iter().any(|test| test.status == status);
    if has(SrmStatus::Ok) {
        SrmStatus::Ok
    } else if has(SrmStatus::InsufficientData) {
        SrmStatus::InsufficientData
    } else {
        SrmStatus::NotApplicable
    }
}

/// Chi-square statistics of independent phases add up, and so do their degrees of freedom.
fn combined_p_value(tests: &[SampleRatioTest]) -> Option<f64> {
    let (mut statistic, mut degrees_of_freedom) = (0.0, 0_u32);
    for test in tests {
        statistic += test.statistic.unwrap_or(0.0);
        degrees_of_freedom = degrees_of_freedom.saturating_add(test.degrees_of_freedom.unwrap_or(0));
    }
    (degrees_of_freedom > 0).then(|| chi_square::upper_tail(statistic, degrees_of_freedom))
}

fn quarantine_status(share: f64) -> QuarantineStatus {
    if share > QUARANTINE_FAIL_SHARE {
        QuarantineStatus::Fail
    } else if share > QUARANTINE_WARN_SHARE {
        QuarantineStatus::Warn
    } else {
        QuarantineStatus::Ok
    }
}
