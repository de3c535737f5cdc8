//! What the analyses come to together.

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::VariantVerdict;
use super::input::{AnalysisInput, MetricData, MetricInput, MetricRole};
use super::payload::{ExperimentDecision, MetricResult, treatments};
use super::split::SampleRatioReport;
use crate::arm::count_as_f64;
use crate::best_arm::best_arm_probabilities;
use crate::decision::{Decision, DecisionInput, GoalVerdict, Verdict, decide};
use crate::guardrail::GuardrailVerdict;
use crate::posterior::NormalPosterior;
use crate::shares::CONTROL;

/// The decision about the experiment: that about its one treatment; with several, the first of these that holds of any
/// treatment: investigate, ship; of all: roll back; of any: keep running; else stop.
pub(super) fn conclude(
    input: &AnalysisInput,
    srm: &SampleRatioReport,
    metrics: &[MetricResult],
) -> ExperimentDecision {
    let keys: BTreeSet<&String> = input.metrics.iter().flat_map(treatments).collect();
    let mut verdicts: BTreeMap<&String, Verdict> = keys
        .into_iter()
        .map(|variant| (variant, decide(&inputs_of(variant, input, srm, metrics))))
        .collect();
    let decisions: BTreeMap<String, Decision> = verdicts
        .iter()
        .map(|(variant, verdict)| ((*variant).clone(), verdict.decision))
        .collect();
    let chosen = [
        Decision::Investigate,
        Decision::Ship,
        Decision::KeepRunning,
        Decision::StopInconclusive,
        Decision::Rollback,
    ]
    .into_iter()
    .find_map(|decision| {
        let of = verdicts
            .iter()
            .find(|(_, verdict)| verdict.decision == decision)?;
        Some((*of.0).clone())
    });
    let Some(variant) = chosen else {
        // Without a treatment only the split can say anything.
        let verdict = decide(&inputs_of("", input, srm, &[]));
        return ExperimentDecision {
            decision: verdict.decision,
            because: verdict.because,
            variant: None,
            variants: decisions,
        };
    };
    let several = verdicts.len() > 1;
    let verdict = verdicts.remove(&variant).unwrap_or(Verdict {
        decision: Decision::KeepRunning,
        because: Vec::new(),
    });
    ExperimentDecision {
        decision: verdict.decision,
        because: verdict.because,
        variant: several.then_some(variant),
        variants: decisions,
    }
}

fn inputs_of(
    variant: &str,
    input: &AnalysisInput,
    srm: &SampleRatioReport,
    metrics: &[MetricResult],
) -> DecisionInput {
    let (mut goals, mut guardrails) = (Vec::new(), Vec::new());
    for (metric, result) in input.metrics.iter().zip(metrics) {
        let Some(analysis) = result.analysis.get(variant) else {
            continue;
        };
        match metric.role {
            MetricRole::Goal => goals.push((
                format!("goal {}", metric.metric_id),
                match analysis.verdict {
                    VariantVerdict::Win => GoalVerdict::Win,
                    VariantVerdict::Loss => GoalVerdict::Loss,
                    VariantVerdict::NeutralOk => GoalVerdict::NeutralOk,
                    _ => GoalVerdict::Inconclusive,
                },
            )),
            MetricRole::Guardrail(_) => guardrails.push((
                format!("guardrail {}", metric.metric_id),
                match analysis.verdict {
                    VariantVerdict::Pass => GuardrailVerdict::Pass,
                    VariantVerdict::Fail => GuardrailVerdict::Fail,
                    _ => GuardrailVerdict::Uncertain,
                },
            )),
            MetricRole::Secondary => {}
        }
    }
    let units: f64 = [variant, CONTROL]
        .into_iter()
        .filter_map(|key| srm.observed.get(key))
        .map(|units| count_as_f64(*units))
        .sum();
    DecisionInput {
        srm: srm.alarm,
        leaked: srm.leaked,
        quarantined_share: srm.quarantined_share,
        guardrails,
        goals,
        days_run: input.progress.days_run.floor(),
        min_days: input.settings.min_days,
        max_days: Some(input.settings.max_days),
        reached_n_star: input
            .settings
            .planned_units
            .is_some_and(|planned| units >= planned),
    }
}

/// Probability of each variant to be the best, from the variants' own means, ratios or quantiles.
pub(super) fn best_arms(metric: &MetricInput) -> Option<BTreeMap<String, f64>> {
    let mut keys = Vec::new();
    let mut posteriors = Vec::new();
    let mut add = |key: &String, value: f64, variance: f64| {
        keys.push(key.clone());
        posteriors.push(NormalPosterior {
            mean: value,
            standard_deviation: variance.sqrt(),
        });
    };
    match &metric.data {
        MetricData::Sums | MetricData::Covariate(_) => {
            for (key, arm) in &metric.variants {
                add(key, arm.mean()?, arm.variance()? / arm.units());
            }
        }
        MetricData::Ratio(of) => {
            for (key, arm) in of {
                let (value, variance) = arm.value().ok()?;
                add(key, value, variance);
            }
        }
        MetricData::RatioCovariate(of) => {
            for (key, arm) in of {
                let (value, variance) = arm.after().value().ok()?;
                add(key, value, variance);
            }
        }
        MetricData::Quantile(of) => {
            for key in metric.variants.keys() {
                let arm = of.get(key)?;
                add(key, arm.quantile(), arm.variance());
            }
        }
        // Arms of different strata or periods must not be pooled.
        MetricData::Strata(_) | MetricData::Periods(_) => return None,
    }
    let probabilities = best_arm_probabilities(&posteriors, metric.direction).ok()?;
    Some(keys.into_iter().zip(probabilities).collect())
}
