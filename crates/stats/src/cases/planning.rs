//! Methods for planning and ending experiments.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::five_percent;
use super::{Fault, Outcome, read};
use crate::decision::{DEFAULT_MIN_DAYS, DecisionInput, GoalVerdict, decide};
use crate::error::positive;
use crate::group_sequential::group_sequential_looks;
use crate::guardrail::GuardrailVerdict;
use crate::power::{Baseline, PowerParameters, PowerPlan};
use crate::significance::SignificanceLevel;
use crate::spending::Spending;

#[derive(Deserialize)]
struct GroupSequentialInput {
    information_fractions: Vec<f64>,
    #[serde(default = "five_percent")]
    alpha: f64,
    #[serde(default)]
    spending: SpendingInput,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SpendingInput {
    #[default]
    #[serde(rename = "obrien_fleming")]
    OBrienFleming,
    Pocock,
    Power2,
}

pub(super) fn group_sequential(input: &Value) -> Outcome {
    let input: GroupSequentialInput = read(input)?;
    let spending = match input.spending {
        SpendingInput::OBrienFleming => Spending::OBrienFleming,
        SpendingInput::Pocock => Spending::Pocock,
        SpendingInput::Power2 => Spending::Power2,
    };
    let alpha = SignificanceLevel::new(input.alpha)?;
    let looks = group_sequential_looks(&input.information_fractions, alpha, spending)?;
    Ok(json!({
        "z_bounds": looks.iter().map(|look| look.z_bound).collect::<Vec<_>>(),
        "cumulative_alpha": looks.iter().map(|look| look.cumulative_alpha).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
struct PowerInput {
    kind: Kind,
    baseline_mean: f64,
    baseline_sd: Option<f64>,
    target_lift: f64,
    #[serde(default = "five_percent")]
    alpha: f64,
    #[serde(default = "one")]
    comparisons: u32,
    #[serde(default = "eighty_percent")]
    power: f64,
    #[serde(default = "even_split")]
    allocation_ratio: f64,
    #[serde(default)]
    variance_reduction: f64,
    current_n_control: Option<f64>,
    daily_units: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Mean,
    Proportion,
}

fn one() -> u32 {
    1
}

fn eighty_percent() -> f64 {
    0.8
}

fn even_split() -> f64 {
    1.0
}

pub(super) fn power(input: &Value) -> Outcome {
    let input: PowerInput = read(input)?;
    let baseline = match (input.kind, input.baseline_sd) {
        (Kind::Proportion, _) => Baseline::Proportion(input.baseline_mean),
        (Kind::Mean, Some(standard_deviation)) => Baseline::Mean {
            mean: input.baseline_mean,
            standard_deviation,
        },
        (Kind::Mean, None) => return Err(Fault::input("a mean needs `baseline_sd`")),
    };
    let plan = PowerPlan::new(&PowerParameters {
        baseline,
        alpha: SignificanceLevel::new(input.alpha)?,
        comparisons: input.comparisons,
        power: input.power,
        allocation_ratio: input.allocation_ratio,
        variance_reduction: input.variance_reduction,
    })?;
    let exact = plan.control_units(input.target_lift);
    let control = exact.map(f64::ceil);
    let treatment = control.map(|control| (control * input.allocation_ratio).ceil());
    let total = control
        .zip(treatment)
        .map(|(control, treatment)| control + treatment);
    let sequential = total.map(|total| plan.sequential_inflation(total)).transpose()?;
    let daily = input
        .daily_units
        .map(|daily| positive("daily_units", daily))
        .transpose()?;
    let current = input.current_n_control;
    Ok(json!({
        "n_control": control.map(whole),
        "n_treatment": treatment.map(whole),
        "n_control_exact": exact,
        "mde_relative_at_current_n": current.and_then(|units| plan.detectable_lift(units, input.target_lift)),
        "power_at_current_n": current.and_then(|units| plan.power_at(units, input.target_lift)),
        "sequential_multiplier_at_n_star": sequential.map(|sequential| sequential.multiplier),
        "sequential_inflation": sequential.map(|sequential| sequential.factor),
        "days_fixed": total.zip(daily).map(|(total, daily)| whole((total / daily).ceil())),
    }))
}

/// A whole number as JSON writes it, as long as an `f64` counts exactly.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number below 2^53"
)]
fn whole(value: f64) -> Value {
    const FIRST_INEXACT_INTEGER: f64 = 9_007_199_254_740_992.0;
    if (0.0..FIRST_INEXACT_INTEGER).contains(&value) {
        json!(value as u64)
    } else {
        json!(value)
    }
}

#[derive(Deserialize)]
struct DecisionCase {
    srm: bool,
    leaked: bool,
    quarantined_share: f64,
    guardrails: Vec<GuardrailVerdict>,
    goals: Vec<GoalVerdict>,
    days_run: f64,
    #[serde(default = "week")]
    min_days: f64,
    max_days: Option<f64>,
    #[serde(default)]
    reached_n_star: bool,
}

fn week() -> f64 {
    f64::from(DEFAULT_MIN_DAYS)
}

pub(super) fn decision(input: &Value) -> Outcome {
    let case: DecisionCase = read(input)?;
    let verdict = decide(&DecisionInput {
        srm: case.srm,
        leaked: case.leaked,
        quarantined_share: case.quarantined_share,
        guardrails: numbered("guardrail", case.guardrails),
        goals: numbered("goal", case.goals),
        days_run: case.days_run,
        min_days: case.min_days,
        max_days: case.max_days,
        reached_n_star: case.reached_n_star,
    });
    Ok(json!({"decision": verdict.decision, "because": verdict.because}))
}

/// A case names no metrics: they are counted from 1.
fn numbered<V>(noun: &str, verdicts: Vec<V>) -> Vec<(String, V)> {
    (1_usize..)
        .zip(verdicts)
        .map(|(number, verdict)| (format!("{noun} {number}"), verdict))
        .collect()
}
