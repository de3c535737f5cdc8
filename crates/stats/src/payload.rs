//! Everything about one experiment at one moment, ready to serialise.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::arm::Arm;
use crate::inference::{Aggregation, Inference, infer};
use crate::posterior::Direction;
use crate::shares::{CONTROL, ExpectedShares};
use crate::srm::{SampleRatioReport, sample_ratio_report};

/// What is known about an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysisInput {
    /// Shares from the rollout override in force; empty if there is none.
    pub expected_shares: ExpectedShares,
    /// Exposed units by variant, quarantined ones excluded.
    pub observed: BTreeMap<String, u64>,
    /// Units seen in more than one variant.
    pub quarantined: u64,
    /// The metrics, in the order in which they are to be reported.
    pub metrics: Vec<MetricInput>,
}

/// One metric of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricInput {
    /// Identifier of the metric.
    pub metric_id: i64,
    /// How a unit's events became its value.
    pub aggregation: Aggregation,
    /// Which way is good.
    pub direction: Direction,
    /// Statistics by variant key. A variant whose statistics were rejected is left out: it and, if it is control, the
    /// comparisons with it then have no inference, and the other metrics are unaffected.
    pub variants: BTreeMap<String, Arm>,
}

/// The results payload (contract, admin-api section 7.8, extended by `srm` as in statistics section 17). Every number
/// in it is finite.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultsPayload {
    /// p-value of the split; the same as in `srm`.
    pub srm_p_value: Option<f64>,
    /// The split in full.
    pub srm: SampleRatioReport,
    /// One entry per metric, in the order given.
    pub metrics: Vec<MetricResult>,
}

/// The results of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricResult {
    /// Identifier of the metric.
    pub metric_id: i64,
    /// Statistics by variant key, as given.
    pub variants: BTreeMap<String, Arm>,
    /// Each variant but control against control; `None` (null) where [`infer`] gives none.
    pub inference: BTreeMap<String, Option<Inference>>,
}

/// Computes the results payload.
///
/// # Source
/// Contract, admin-api section 7.8 and statistics section 17; the parts are [`infer`] and
/// [`sample_ratio_test`](crate::sample_ratio_test).
pub fn analyze(input: &AnalysisInput) -> ResultsPayload {
    let srm = sample_ratio_report(&input.expected_shares, &input.observed, input.quarantined);
    ResultsPayload {
        srm_p_value: srm.p_value,
        srm,
        metrics: input.metrics.iter().map(analyze_metric).collect(),
    }
}

fn analyze_metric(metric: &MetricInput) -> MetricResult {
    let control = metric.variants.get(CONTROL);
    let inference = metric
        .variants
        .iter()
        .filter(|(variant, _)| variant.as_str() != CONTROL)
        .map(|(variant, treatment)| {
            (
                variant.clone(),
                infer(control, treatment, metric.aggregation, metric.direction).ok(),
            )
        })
        .collect();
    MetricResult {
        metric_id: metric.metric_id,
        variants: metric.variants.clone(),
        inference,
    }
}
