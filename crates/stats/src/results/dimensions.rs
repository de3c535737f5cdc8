//! Effects by what the units were when they entered (contract, statistics sections 9, 11 and 15). They feed no verdict.

use std::collections::BTreeMap;

use serde::Serialize;

use super::analysis::AnalysisStatus;
use super::input::{AnalysisSettings, MetricInput};
use super::series::Compared;
use super::split::sample_ratio_by_level;
use crate::fixed_horizon::welch_test;
use crate::heterogeneity::{GroupEffect, MIN_UNITS_PER_LEVEL, heterogeneity};
use crate::multiplicity::Correction;
use crate::shares::ExpectedShares;

/// What is corrected over all tests of homogeneity of an experiment.
const CORRECTION: Correction = Correction::BenjaminiHochberg;

/// What the units of a level have in common.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LevelKey {
    /// The value; `None` for units without one, and for other values taken together.
    pub level: Option<String>,
    /// `value`, `missing` or `other`.
    pub kind: &'static str,
}

/// One dimension of an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DimensionInput {
    /// Its name.
    pub name: String,
    /// Whether some values could not be told apart.
    pub is_truncated: bool,
    /// Exposed units of each level by variant.
    pub observed: Vec<(LevelKey, BTreeMap<String, u64>)>,
    /// For each metric and treatment, the levels in which both arms are large enough, and last what is left.
    pub metrics: Vec<(i64, BTreeMap<String, Vec<LevelInput>>)>,
}

/// A metric in one level.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelInput {
    /// The level.
    pub key: LevelKey,
    /// The metric with control and the treatment.
    pub metric: MetricInput,
}

/// One dimension, as it is reported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DimensionReport {
    /// Its name.
    pub name: String,
    /// Whether some values could not be told apart.
    pub is_truncated: bool,
    /// The split within each level.
    pub srm: Vec<LevelSplit>,
    /// The effects, in the order of the metrics.
    pub metrics: Vec<DimensionMetric>,
}

/// The split within a level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelSplit {
    /// The level.
    #[serde(flatten)]
    pub key: LevelKey,
    /// Exposed units by variant.
    pub observed: BTreeMap<String, u64>,
    /// p-value of the split, by Holm over the levels of the dimension; `None` for a level that is too small and where no
    /// shares are expected.
    pub adjusted_p_value: Option<f64>,
}

/// One metric in one dimension.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DimensionMetric {
    /// Identifier of the metric.
    pub metric_id: i64,
    /// Each variant but control against control.
    pub variants: BTreeMap<String, DimensionVariant>,
}

/// One treatment in one metric and dimension.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DimensionVariant {
    /// The effect in each level.
    pub levels: Vec<LevelEffect>,
    /// Whether they differ; `None` below two levels with an effect.
    pub heterogeneity: Option<HeterogeneityReport>,
}

/// The effect in a level, with a fixed-horizon interval of that level alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelEffect {
    /// The level.
    #[serde(flatten)]
    pub key: LevelKey,
    /// Whether there is an effect, or why not.
    pub status: AnalysisStatus,
    /// Units of control.
    pub control_units: u64,
    /// Units of the treatment.
    pub units: u64,
    /// Treatment minus control, in the metric's unit.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Lower end of Welch's interval.
    pub ci_low: Option<f64>,
    /// Upper end of Welch's interval.
    pub ci_high: Option<f64>,
    /// The effect relative to control, a share.
    pub lift: Option<f64>,
}

/// Cochran's test that the effect is the same in all levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HeterogeneityReport {
    /// `Q`.
    pub q: f64,
    /// Levels less one.
    pub df: u32,
    /// Probability of effects at least as different by chance alone.
    pub p_value: f64,
    /// The same by Benjamini-Hochberg over all dimensions, metrics and treatments of the experiment.
    pub adjusted_p_value: f64,
    /// `I^2`, 0 to 1.
    pub i_squared: f64,
}

/// The report of every dimension.
///
/// `expected` are the shares in force since the start; `None` if there were several or they do not cover the variants of the
/// input, then no split is tested.
///
/// # Formula
/// Effects by Welch; `Q`, `I^2` and `p` by [`heterogeneity`] over the levels that have [`MIN_UNITS_PER_LEVEL`] units in both
/// arms; Benjamini-Hochberg over all of these `p`; splits by [`sample_ratio_by_level`].
///
/// # Source
/// Contract, statistics sections 9, 11 and 15.
pub fn dimensions(
    inputs: &[DimensionInput],
    settings: &AnalysisSettings,
    expected: Option<&ExpectedShares>,
) -> Vec<DimensionReport> {
    let mut reports: Vec<DimensionReport> = inputs
        .iter()
        .map(|input| DimensionReport {
            name: input.name.clone(),
            is_truncated: input.is_truncated,
            srm: splits(&input.observed, expected),
            metrics: input
                .metrics
                .iter()
                .map(|(metric_id, treatments)| DimensionMetric {
                    metric_id: *metric_id,
                    variants: treatments
                        .iter()
                        .map(|(variant, levels)| (variant.clone(), of_variant(levels, settings, variant)))
                        .collect(),
                })
                .collect(),
        })
        .collect();
    let mut tests: Vec<&mut HeterogeneityReport> = reports
        .iter_mut()
        .flat_map(|report| &mut report.metrics)
        .flat_map(|metric| metric.variants.values_mut())
        .filter_map(|variant| variant.heterogeneity.as_mut())
        .collect();
    let p_values: Vec<Option<f64>> = tests.iter().map(|test| Some(test.p_value)).collect();
    // All p-values were computed here, so they lie between 0 and 1.
    let adjusted = CORRECTION.adjust(&p_values).unwrap_or_default();
    for (test, adjusted) in tests.iter_mut().zip(adjusted) {
        test.adjusted_p_value = adjusted.unwrap_or(1.0);
    }
    reports
}

fn splits(
    observed: &[(LevelKey, BTreeMap<String, u64>)],
    expected: Option<&ExpectedShares>,
) -> Vec<LevelSplit> {
    // Levels are known by their place: a value may read like anything.
    let place = |number: usize| format!("{number:06}");
    let by_place: BTreeMap<String, BTreeMap<String, u64>> = observed
        .iter()
        .enumerate()
        .map(|(number, (_, counts))| (place(number), counts.clone()))
        .collect();
    let p_values = expected.map(|expected| sample_ratio_by_level(expected, &by_place));
    observed
        .iter()
        .enumerate()
        .map(|(number, (key, counts))| LevelSplit {
            key: key.clone(),
            observed: counts.clone(),
            adjusted_p_value: p_values
                .as_ref()
                .and_then(|p_values| *p_values.get(&place(number))?),
        })
        .collect()
}

fn of_variant(levels: &[LevelInput], settings: &AnalysisSettings, variant: &str) -> DimensionVariant {
    let mut effects = Vec::with_capacity(levels.len());
    let mut groups = Vec::new();
    for level in levels {
        let compared = Compared::new(&level.metric, settings, variant);
        let test = compared
            .effect
            .and_then(|effect| welch_test(&effect, settings.alpha).ok());
        if let Some(test) = test
            && compared.control_units.min(compared.units) >= MIN_UNITS_PER_LEVEL
        {
            groups.extend(GroupEffect::new(test.estimate, test.standard_error));
        }
        effects.push(LevelEffect {
            key: level.key.clone(),
            status: compared.status,
            control_units: compared.control_units,
            units: compared.units,
            estimate: compared.effect.map(|effect| effect.estimate),
            standard_error: compared.standard_error(),
            ci_low: test.map(|test| test.ci_low),
            ci_high: test.map(|test| test.ci_high),
            lift: compared.effect.and_then(|effect| effect.lift().ok()),
        });
    }
    DimensionVariant {
        levels: effects,
        heterogeneity: heterogeneity(&groups).ok().and_then(|test| {
            let p_value = test.p_value?;
            Some(HeterogeneityReport {
                q: test.q,
                df: test.degrees_of_freedom,
                p_value,
                adjusted_p_value: p_value,
                i_squared: test.i_squared,
            })
        }),
    }
}
