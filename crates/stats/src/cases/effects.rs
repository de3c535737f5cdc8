//! Methods on the difference of two means.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{ArmInput, Comparison, direction};
use super::{Fault, Outcome, joined, read, status_of};
use crate::confidence_sequence::{SequentialTuning, confidence_sequence};
use crate::effect::EffectMoments;
use crate::fieller::{RelativeInterval, fieller_interval};
use crate::fixed_horizon::{flat_relative, welch_test};
use crate::guardrail::{Margin, noninferiority_test};
use crate::inference::Z_95;
use crate::posterior::Direction;
use crate::prior::{NormalPrior, Prior, posterior_absolute, posterior_relative};
use crate::{normal, student};

pub(super) fn moments(input: &Value) -> Outcome {
    let arm = read::<ArmInput>(input)?.arm()?;
    Ok(json!({
        "mean": arm.mean(),
        "variance": arm.variance(),
        "precision_warning": arm.precision_warning(),
    }))
}

pub(super) fn welch_absolute(input: &Value) -> Outcome {
    let comparison: Comparison = read(input)?;
    let alpha = comparison.alpha()?;
    let effect = comparison.effect()?;
    let test = welch_test(&effect, alpha);
    let head = json!({"status": status_of(&test), "estimate": effect.estimate});
    Ok(match test {
        Ok(test) => joined(
            head,
            json!({
                "standard_error": test.standard_error,
                "df": test.degrees_of_freedom,
                "statistic": test.statistic,
                "p_value": test.p_value,
                "ci_low": test.ci_low,
                "ci_high": test.ci_high,
            }),
        ),
        Err(_) => head,
    })
}

pub(super) fn relative_delta(input: &Value) -> Outcome {
    let comparison: Comparison = read(input)?;
    comparison.alpha()?;
    let effect = comparison.effect()?;
    let posterior = flat_relative(&effect);
    let head = json!({
        "status": status_of(&posterior),
        "lift": effect.lift().ok(),
        "flagsmith_null": effect.baseline <= 0.0,
    });
    Ok(match posterior {
        Ok(posterior) => {
            let interval = posterior.interval(Z_95);
            joined(
                head,
                json!({
                    "standard_error": posterior.standard_deviation,
                    "ci_low": interval.low,
                    "ci_high": interval.high,
                    "chance_to_win": posterior.chance_to_win(Direction::Up),
                }),
            )
        }
        Err(_) => head,
    })
}

pub(super) fn fieller(input: &Value) -> Outcome {
    let comparison: Comparison = read(input)?;
    let alpha = comparison.alpha()?;
    let effect = comparison.effect()?;
    let multiplier = student::two_sided_quantile(alpha, effect.degrees_of_freedom);
    Ok(match fieller_interval(&effect, multiplier) {
        Ok(relative) => json!({
            "status": relative_status(&relative),
            "lift": relative.lift,
            "ci_low": relative.interval.map(|interval| interval.low),
            "ci_high": relative.interval.map(|interval| interval.high),
            "g": relative.g,
        }),
        Err(reason) => json!({"status": reason, "lift": effect.lift().ok()}),
    })
}

fn relative_status(relative: &RelativeInterval) -> &'static str {
    if relative.interval.is_some() {
        "ok"
    } else {
        "unbounded_relative"
    }
}

#[derive(Deserialize)]
struct SequentialInput {
    #[serde(flatten)]
    comparison: Comparison,
    n_star: f64,
}

pub(super) fn sequential_cs(input: &Value) -> Outcome {
    let input: SequentialInput = read(input)?;
    let tuning = SequentialTuning::new(input.comparison.alpha()?, input.n_star)?;
    let effect = input.comparison.effect()?;
    let sequence = confidence_sequence(&effect, &tuning)?;
    let relative = sequence.relative;
    let one_sided = sequence.one_sided;
    Ok(json!({
        "status": "ok",
        "rho_squared": tuning.rho_squared(),
        "multiplier": sequence.multiplier,
        "ci_low": sequence.ci_low,
        "ci_high": sequence.ci_high,
        "log_e_value": sequence.log_e_value,
        "p_value": sequence.p_value,
        "relative_status": relative_status(&relative),
        "relative_ci_low": relative.interval.map(|interval| interval.low),
        "relative_ci_high": relative.interval.map(|interval| interval.high),
        "one_sided_multiplier": one_sided.map(|bounds| bounds.multiplier),
        "one_sided_low": one_sided.map(|bounds| bounds.low),
        "one_sided_high": one_sided.map(|bounds| bounds.high),
    }))
}

#[derive(Deserialize)]
struct BayesianInput {
    #[serde(flatten)]
    comparison: Comparison,
    prior: PriorInput,
    difference: Difference,
    #[serde(default)]
    lower_is_better: bool,
}

#[derive(Deserialize)]
struct PriorInput {
    proper: bool,
    #[serde(default)]
    mean: f64,
    #[serde(default = "default_standard_deviation")]
    sd: f64,
}

fn default_standard_deviation() -> f64 {
    NormalPrior::DEFAULT.standard_deviation()
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Difference {
    Absolute,
    Relative,
}

pub(super) fn bayesian(input: &Value) -> Outcome {
    let input: BayesianInput = read(input)?;
    let alpha = input.comparison.alpha()?;
    let prior = if input.prior.proper {
        Prior::Normal(NormalPrior::new(input.prior.mean, input.prior.sd)?)
    } else {
        Prior::Flat
    };
    let effect = input.comparison.effect()?;
    let posterior = match input.difference {
        Difference::Absolute => posterior_absolute(&effect, prior),
        Difference::Relative => posterior_relative(&effect, prior),
    }?;
    let interval = posterior.interval(normal::two_sided_quantile(alpha));
    let direction = direction(input.lower_is_better);
    Ok(json!({
        "status": "ok",
        "posterior_mean": posterior.mean,
        "posterior_sd": posterior.standard_deviation,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "chance_to_win": posterior.chance_to_win(direction),
        "risk_ship": posterior.risk_ship(direction),
        "risk_keep": posterior.risk_keep(direction),
        "stopping_rule_valid": false,
    }))
}

#[derive(Deserialize)]
struct GuardrailInput {
    #[serde(flatten)]
    comparison: Comparison,
    margin_relative: Option<f64>,
    margin_absolute: Option<f64>,
    #[serde(default)]
    lower_is_better: bool,
}

pub(super) fn noninferiority(input: &Value) -> Outcome {
    let input: GuardrailInput = read(input)?;
    let margin = match (input.margin_relative, input.margin_absolute) {
        (Some(margin), None) => Margin::Relative(margin),
        (None, Some(margin)) => Margin::Absolute(margin),
        _ => return Err(Fault::input("give either margin_relative or margin_absolute")),
    };
    let alpha = input.comparison.alpha()?;
    let effect: EffectMoments = input.comparison.effect()?;
    let test = noninferiority_test(&effect, margin, direction(input.lower_is_better), alpha)?;
    Ok(json!({
        "status": "ok",
        "statistic": test.statistic,
        "df": test.degrees_of_freedom,
        "p_value_noninferior": test.p_value_noninferior,
        "p_value_inferior": test.p_value_inferior,
        "verdict": test.verdict,
    }))
}
