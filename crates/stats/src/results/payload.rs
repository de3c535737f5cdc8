//! The payload and the order in which it is made.

use std::collections::BTreeMap;

use serde::Serialize;

use super::analysis::{AdjustedPValue, AnalysisStatus, VariantAnalysis, VariantVerdict};
use super::comparison::Comparison;
use super::conclusion::{best_arms, conclude};
use super::fixed::power_plan;
use super::input::{AnalysisInput, MetricData, MetricInput, MetricRole, Phase};
use super::looks::{Looks, SpentLooks};
use super::monitoring::{carried, group_sequential};
use super::split::{SampleRatioReport, sample_ratio_report};
use crate::arm::Arm;
use crate::decision::Decision;
use crate::effect::EffectMoments;
use crate::guardrail::GuardrailVerdict;
use crate::inference::{Aggregation, Inference, MIN_UNITS_PER_ARM, infer, infer_from_effect};
use crate::multiplicity::Correction;
use crate::power::PowerPlan;
use crate::shares::CONTROL;
use crate::significance::SignificanceLevel;
use crate::{normal, student};

/// The results payload (contract, admin-api section 7.8 and statistics section 17). Every number in it is finite.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultsPayload {
    /// p-value of the split; the same as in `srm`.
    pub srm_p_value: Option<f64>,
    /// The split in full.
    pub srm: SampleRatioReport,
    /// One entry per metric, in the order given.
    pub metrics: Vec<MetricResult>,
    /// The looks that a group sequential test has spent; `None` if it is not what decides, or before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_sequential: Option<SpentLooks>,
    /// What to do.
    pub decision: ExperimentDecision,
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
    /// Each variant but control against control, by every method.
    pub analysis: BTreeMap<String, VariantAnalysis>,
    /// Probability of each variant, control included, to be the best; `None` if one of them cannot be compared.
    pub best_arm_probability: Option<BTreeMap<String, f64>>,
    /// Whether units without events count as 0 in a mean of values: kept for existing clients; a ratio is the mean per event.
    pub zero_filled: bool,
}

/// What to do about the experiment, and about each treatment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentDecision {
    /// What to do.
    pub decision: Decision,
    /// The inputs that decided it, in words.
    pub because: Vec<String>,
    /// The treatment that it is about, if there are several.
    pub variant: Option<String>,
    /// What would be done about each treatment alone.
    pub variants: BTreeMap<String, Decision>,
}

/// Computes the results payload.
///
/// # Source
/// Contract, admin-api section 7.8 and statistics section 17; the parts are the functions of this crate.
pub fn analyze(input: &AnalysisInput) -> ResultsPayload {
    let mut phases = input.earlier_phases.clone();
    phases.push(Phase {
        expected_shares: input.expected_shares.clone(),
        observed: input.observed.clone(),
    });
    let srm = sample_ratio_report(&phases, input.quarantined, input.history.srm_p_value_anytime);
    let scale = Scale {
        looks: Looks::spend(input),
        z: normal::two_sided_quantile(input.settings.alpha),
        single: power_plan(&input.settings, 1),
    };
    let mut metrics: Vec<MetricResult> = Vec::with_capacity(input.metrics.len());
    let mut comparisons = Vec::new();
    for (index, metric) in input.metrics.iter().enumerate() {
        let mut analysis = BTreeMap::new();
        for variant in treatments(metric) {
            let (made, comparison) = first_pass(input, &scale, metric, variant);
            if let Some(comparison) = comparison {
                comparisons.push((index, comparison));
            }
            analysis.insert(variant.clone(), made);
        }
        metrics.push(MetricResult {
            metric_id: metric.metric_id,
            variants: metric.variants.clone(),
            inference: inferences(input, metric),
            best_arm_probability: best_arms(metric),
            zero_filled: metric.aggregation == Aggregation::Mean,
            analysis,
        });
    }
    for role in [MetricRole::Goal, MetricRole::Secondary] {
        let family: Vec<&(usize, Comparison)> = comparisons
            .iter()
            .filter(|(_, comparison)| comparison.metric.role == role)
            .collect();
        let correction = if role == MetricRole::Goal {
            input.settings.goal_correction
        } else {
            input.settings.secondary_correction
        };
        correct(input, &mut metrics, &family, correction);
    }
    let decision = conclude(input, &srm, &metrics);
    ResultsPayload {
        srm_p_value: srm.p_value,
        srm,
        metrics,
        group_sequential: scale.looks.spent,
        decision,
    }
}

/// What all comparisons share.
struct Scale {
    /// The looks of a group sequential test.
    looks: Looks,
    /// Standard errors of a normal interval of the level.
    z: f64,
    /// The plan of a metric that is in no family.
    single: Option<PowerPlan>,
}

/// The variants of a metric but control, in the order of their keys.
pub(super) fn treatments(metric: &MetricInput) -> impl Iterator<Item = &String> {
    metric
        .variants
        .keys()
        .filter(|variant| variant.as_str() != CONTROL)
}

/// Each treatment against control for clients that know nothing else. Sums and ratios are compared without their covariate;
/// what is no mean is compared as what it is.
fn inferences(input: &AnalysisInput, metric: &MetricInput) -> BTreeMap<String, Option<Inference>> {
    let control = metric.variants.get(CONTROL);
    treatments(metric)
        .filter_map(|variant| Some((variant.clone(), metric.variants.get(variant)?)))
        .map(|(variant, treatment)| {
            let inference = match metric.data {
                MetricData::Sums | MetricData::Covariate(_) => {
                    infer(control, treatment, metric.aggregation, metric.direction).ok()
                }
                MetricData::Ratio(_)
                | MetricData::RatioCovariate(_)
                | MetricData::Quantile(_)
                | MetricData::Strata(_)
                | MetricData::Periods(_) => infer_as_compared(input, metric, &variant),
            };
            (variant, inference)
        })
        .collect()
}

fn infer_as_compared(input: &AnalysisInput, metric: &MetricInput, variant: &str) -> Option<Inference> {
    let comparison = Comparison::new(metric, &input.settings, variant).ok()?;
    let (control_units, treatment_units) = comparison.units()?;
    if control_units.min(treatment_units) < MIN_UNITS_PER_ARM {
        return None;
    }
    let effect = match &metric.data {
        MetricData::RatioCovariate(of) => {
            EffectMoments::of_ratios(of.get(CONTROL)?.after(), of.get(variant)?.after())
        }
        _ => comparison.effect,
    };
    infer_from_effect(&effect.ok()?, metric.direction).ok()
}

/// The analysis of one treatment as far as it needs no other; with the comparison, if there is an effect.
fn first_pass<'a>(
    input: &'a AnalysisInput,
    scale: &Scale,
    metric: &'a MetricInput,
    variant: &'a str,
) -> (VariantAnalysis, Option<Comparison<'a>>) {
    let arms = [metric.variants.get(CONTROL), metric.variants.get(variant)];
    let mut analysis = VariantAnalysis {
        status: AnalysisStatus::ControlMissing,
        precision_warning: arms.into_iter().flatten().any(Arm::precision_warning),
        absolute: None,
        relative: None,
        sequential: None,
        group_sequential: None,
        bayesian: None,
        cuped: None,
        adjusted_p_value: None,
        guardrail: None,
        power: None,
        winsorised: metric.winsorised,
        verdict: match metric.role {
            MetricRole::Guardrail(_) => VariantVerdict::Uncertain,
            MetricRole::Goal | MetricRole::Secondary => VariantVerdict::Inconclusive,
        },
    };
    let before = input.history.of(metric.metric_id, variant);
    let settings = &input.settings;
    analysis.sequential = carried(settings, &before);
    analysis.group_sequential = group_sequential(variant, None, &before, &scale.looks);
    let Ok(comparison) = Comparison::new(metric, settings, variant) else {
        return (analysis, None);
    };
    let effect = match comparison.effect {
        Ok(effect) => effect,
        Err(reason) => {
            analysis.status = AnalysisStatus::Unestimable(reason);
            return (analysis, None);
        }
    };
    analysis.status = status(&effect);
    let t_quantile = student::two_sided_quantile(input.settings.alpha, effect.degrees_of_freedom);
    analysis.absolute = Some(comparison.absolute(&effect, t_quantile));
    analysis.relative = Some(comparison.relative(&effect, t_quantile));
    analysis.sequential = comparison.sequential(&effect, &before, &input.progress);
    analysis.group_sequential = group_sequential(variant, Some(&effect), &before, &scale.looks);
    analysis.bayesian = comparison.bayesian(&effect, scale.z);
    analysis.cuped = comparison.covariate();
    analysis.guardrail = comparison.guardrail(&effect, &input.progress);
    if let Some(guardrail) = &analysis.guardrail {
        analysis.verdict = match guardrail.verdict {
            GuardrailVerdict::Pass => VariantVerdict::Pass,
            GuardrailVerdict::Fail => VariantVerdict::Fail,
            GuardrailVerdict::Uncertain => VariantVerdict::Uncertain,
        };
    }
    if let Some(plan) = scale.single.as_ref().filter(|_| !comparison.is_corrected()) {
        analysis.power = comparison.power(&effect, plan, &input.progress);
    }
    (analysis, Some(comparison))
}

/// The first thing that is missing, in the order of the contract.
fn status(effect: &EffectMoments) -> AnalysisStatus {
    match crate::fixed_horizon::flat_relative(effect) {
        Ok(_) => AnalysisStatus::Ok,
        Err(reason) => AnalysisStatus::Unestimable(reason),
    }
}

/// Corrects a family and adds what depends on it: adjusted p-values, intervals, power, verdicts.
fn correct(
    input: &AnalysisInput,
    metrics: &mut [MetricResult],
    family: &[&(usize, Comparison)],
    correction: Correction,
) {
    let of = |metrics: &[MetricResult], read: &dyn Fn(&VariantAnalysis) -> Option<f64>| -> Vec<Option<f64>> {
        family
            .iter()
            .map(|(index, comparison)| read(metrics[*index].analysis.get(comparison.variant)?))
            .collect()
    };
    let fixed = of(metrics, &|analysis| analysis.absolute?.p_value);
    let anytime = of(metrics, &|analysis| {
        let sequential = analysis.sequential.as_ref()?;
        Some(if correction == Correction::EBenjaminiHochberg {
            sequential.inverse_e_value()
        } else {
            sequential.p_value_anytime
        })
    });
    let size = u32::try_from(fixed.iter().flatten().count()).unwrap_or(u32::MAX);
    let alpha = SignificanceLevel::new(input.settings.alpha.get() / f64::from(size.max(1)));
    let plan = power_plan(&input.settings, size);
    // All p-values were computed here, so they lie between 0 and 1.
    let of_fixed = correction.of_p_values();
    let adjusted = of_fixed.adjust(&fixed).unwrap_or_default();
    let adjusted_anytime = correction.adjust(&anytime).unwrap_or_default();
    for ((index, comparison), (adjusted, adjusted_anytime)) in
        family.iter().zip(adjusted.into_iter().zip(adjusted_anytime))
    {
        let Some(analysis) = metrics[*index].analysis.get_mut(comparison.variant) else {
            continue;
        };
        let Ok(effect) = comparison.effect else {
            continue;
        };
        let interval = alpha
            .as_ref()
            .ok()
            .and_then(|alpha| comparison.corrected_interval(&effect, *alpha));
        analysis.adjusted_p_value = adjusted.map(|value| AdjustedPValue {
            method: of_fixed.as_str(),
            value,
            ci_method: Correction::Bonferroni.as_str(),
            ci_low: interval.map(|interval| interval.low),
            ci_high: interval.map(|interval| interval.high),
        });
        if let Some(sequential) = &mut analysis.sequential {
            sequential.adjusted_p_value_anytime = adjusted_anytime;
        }
        analysis.power = plan
            .as_ref()
            .and_then(|plan| comparison.power(&effect, plan, &input.progress));
        analysis.verdict = comparison.verdict(&effect, analysis, &input.progress);
    }
}
