//! Methods of metric types other than plain means.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{ArmInput, CovariateInput, RatioInput, count, five_percent};
use super::{Fault, Outcome, joined, read, status_of};
use crate::arm::Arm;
use crate::covariate::covariate_adjusted;
use crate::effect::EffectMoments;
use crate::error::{InvalidStatistics, Unestimable, in_range};
use crate::fisher::fisher_p_value;
use crate::order_statistic::{QuantileEstimate, design_effect, quantile_ranks};
use crate::posterior::Interval;
use crate::proportions::{
    Proportion, agresti_caffo_interval, newcombe_interval, score_lift_interval, score_p_value,
};
use crate::ratio::RatioArm;
use crate::significance::SignificanceLevel;
use crate::stratified::{Stratum, post_stratified};
use crate::winsorise::{Thresholds, WinsoriseSettings};

#[derive(Deserialize)]
struct ProportionsInput {
    control: ProportionInput,
    treatment: ProportionInput,
    #[serde(default = "five_percent")]
    alpha: f64,
}

#[derive(Deserialize)]
struct ProportionInput {
    n: f64,
    conversions: f64,
}

impl ProportionInput {
    fn proportion(&self) -> Result<Proportion, InvalidStatistics> {
        Proportion::new(count("n", self.n)?, count("conversions", self.conversions)?)
    }
}

pub(super) fn proportions(input: &Value) -> Outcome {
    let input: ProportionsInput = read(input)?;
    let (control, treatment) = (input.control.proportion()?, input.treatment.proportion()?);
    let alpha = SignificanceLevel::new(input.alpha)?;
    let ends = |interval: Interval| [interval.low, interval.high];
    Ok(json!({
        "status": "ok",
        "newcombe": ends(newcombe_interval(&control, &treatment, alpha)?),
        "agresti_caffo": ends(agresti_caffo_interval(&control, &treatment, alpha)?),
        "score_lift": score_lift_interval(&control, &treatment, alpha).ok().map(ends),
        "score_p_value": score_p_value(&control, &treatment).ok(),
        "fisher_p_value": fisher_p_value(&control, &treatment).ok().flatten(),
    }))
}

#[derive(Deserialize)]
struct Pair<T> {
    control: T,
    treatment: T,
}

pub(super) fn cuped(input: &Value) -> Outcome {
    let pair: Pair<CovariateInput> = read(input)?;
    let adjusted = covariate_adjusted(&pair.control.arm()?, &pair.treatment.arm()?)?;
    let effect = adjusted.effect;
    Ok(json!({
        "status": if adjusted.covariate_constant { "covariate_constant" } else { "ok" },
        "theta": adjusted.theta,
        "adjusted_mean_control": adjusted.adjusted_mean_control,
        "adjusted_mean_treatment": adjusted.adjusted_mean_treatment,
        "estimate": effect.estimate,
        "variance": effect.variance,
        "variance_reduction": adjusted.variance_reduction,
        "lift": effect.lift().ok(),
        "lift_variance": lift_variance(&effect),
    }))
}

fn lift_variance(effect: &EffectMoments) -> Option<f64> {
    let standard_error = effect.lift_standard_error().ok()?;
    Some(standard_error * standard_error)
}

pub(super) fn ratio(input: &Value) -> Outcome {
    let pair: Pair<RatioInput> = read(input)?;
    let (control, treatment) = (pair.control.arm()?, pair.treatment.arm()?);
    let effect = EffectMoments::of_ratios(&control, &treatment)?;
    let (ratio_control, variance_control) = control.value()?;
    let (ratio_treatment, variance_treatment) = treatment.value()?;
    let lift = effect.lift();
    let status = if effect.variance > 0.0 {
        status_of(&lift)
    } else {
        json!(Unestimable::ZeroVariance)
    };
    Ok(json!({
        "status": status,
        "ratio_control": ratio_control,
        "ratio_treatment": ratio_treatment,
        "variance_control": variance_control,
        "variance_treatment": variance_treatment,
        "estimate": effect.estimate,
        "variance": effect.variance,
        "lift": lift.ok(),
        "lift_variance": lift_variance(&effect),
    }))
}

#[derive(Deserialize)]
struct StrataInput {
    strata: Vec<Pair<ArmInput>>,
}

pub(super) fn poststratification(input: &Value) -> Outcome {
    let input: StrataInput = read(input)?;
    let strata = input
        .strata
        .iter()
        .map(|stratum| {
            Ok(Stratum {
                control: stratum.control.arm()?,
                treatment: stratum.treatment.arm()?,
            })
        })
        .collect::<Result<Vec<_>, InvalidStatistics>>()?;
    let effect = post_stratified(&strata)?;
    Ok(json!({
        "status": "ok",
        "estimate": effect.estimate,
        "variance": effect.variance,
        "df": effect.degrees_of_freedom,
        "baseline": effect.baseline,
        "baseline_variance": effect.baseline_variance,
        "covariance": effect.covariance,
    }))
}

#[derive(Deserialize)]
struct WinsoriseInput {
    values: Vec<f64>,
    lower_percentile: Option<f64>,
    upper_percentile: Option<f64>,
    #[serde(default)]
    ignore_zeros: bool,
}

pub(super) fn winsorise(input: &Value) -> Outcome {
    let input: WinsoriseInput = read(input)?;
    let settings = WinsoriseSettings {
        lower_percentile: input.lower_percentile,
        upper_percentile: input.upper_percentile,
        ignore_zeros: input.ignore_zeros,
    };
    let thresholds = Thresholds::of_pooled(&input.values, &settings)?;
    let capped = thresholds.apply(&input.values);
    if !(capped.sum.is_finite() && capped.sum_squares.is_finite()) {
        return Err(Unestimable::Overflow.into());
    }
    Ok(json!({
        "lower_threshold": thresholds.lower,
        "upper_threshold": thresholds.upper,
        "n": capped.moments.n(),
        "n_capped": capped.n_capped,
        "sum": capped.sum,
        "sum_squares": capped.sum_squares,
    }))
}

#[derive(Deserialize)]
struct QuantileInput {
    n: Option<f64>,
    quantile: Option<f64>,
    values_sorted: Option<Vec<f64>>,
    order_statistics: Option<OrderStatistics>,
    clustered: Option<ClusteredInput>,
    #[serde(default = "five_percent")]
    alpha: f64,
}

#[derive(Deserialize)]
struct OrderStatistics {
    quantile: f64,
    lower: f64,
    upper: f64,
}

pub(super) fn quantile(input: &Value) -> Outcome {
    let input: QuantileInput = read(input)?;
    let alpha = SignificanceLevel::new(input.alpha)?;
    if let Some(clustered) = &input.clustered {
        return clustered.output(alpha);
    }
    let (Some(n), Some(nu)) = (input.n, input.quantile) else {
        return Err(Fault::input("missing field `n` or `quantile`"));
    };
    let n = count("n", n)?;
    let ranks = quantile_ranks(n, nu, alpha)?;
    let read_off = |rank: u64| -> Result<f64, Fault> {
        let values = input.values_sorted.as_deref().unwrap_or_default();
        let place = usize::try_from(rank - 1).unwrap_or(usize::MAX);
        let value = values.get(place).copied();
        value.ok_or_else(|| Fault::input("values_sorted must hold n values"))
    };
    if let Some(values) = &input.values_sorted
        && !values.is_sorted()
    {
        return Err(Fault::input("values_sorted must be in ascending order"));
    }
    let estimate = match (&input.order_statistics, ranks.outer) {
        (Some(known), Some(_)) => QuantileEstimate {
            n,
            quantile: known.quantile,
            lower: known.lower,
            upper: known.upper,
        },
        (None, Some((low, high))) => QuantileEstimate {
            n,
            quantile: read_off(ranks.rank)?,
            lower: read_off(low)?,
            upper: read_off(high)?,
        },
        (known, None) => {
            let quantile = match known {
                Some(known) => known.quantile,
                None => read_off(ranks.rank)?,
            };
            return Ok(json!({"status": Unestimable::InsufficientData, "quantile": quantile}));
        }
    };
    let variance = checked(&estimate)?.variance(alpha);
    finite(variance)?;
    Ok(joined(
        quantile_status(variance),
        json!({
            "quantile": estimate.quantile,
            "lower": estimate.lower,
            "upper": estimate.upper,
            "lower_rank": ranks.outer.map(|(low, _)| low),
            "upper_rank": ranks.outer.map(|(_, high)| high),
            "variance_of_quantile": variance,
        }),
    ))
}

/// The estimate, if its numbers are in order.
fn checked(estimate: &QuantileEstimate) -> Result<&QuantileEstimate, InvalidStatistics> {
    let QuantileEstimate {
        quantile,
        lower,
        upper,
        ..
    } = *estimate;
    in_range(
        "quantile",
        "between lower and upper",
        quantile,
        lower <= quantile && quantile <= upper,
    )?;
    Ok(estimate)
}

fn finite(variance: f64) -> Result<(), Unestimable> {
    if variance.is_finite() {
        Ok(())
    } else {
        Err(Unestimable::Overflow)
    }
}

fn quantile_status(variance: f64) -> Value {
    if variance > 0.0 {
        json!({"status": "ok"})
    } else {
        json!({"status": Unestimable::ZeroVariance})
    }
}

#[derive(Deserialize)]
struct ClusteredInput {
    n: f64,
    n_clusters: f64,
    quantile: f64,
    quantile_hat: f64,
    lower: f64,
    upper: f64,
    indicator_sum: f64,
    indicator_sum_squares: f64,
    count_sum: f64,
    count_sum_squares: f64,
    cross: f64,
}

impl ClusteredInput {
    fn output(&self, alpha: SignificanceLevel) -> Outcome {
        let n = count("n", self.n)?;
        let clusters = count("n_clusters", self.n_clusters)?;
        in_range(
            "quantile",
            "above 0 and below 1",
            self.quantile,
            self.quantile > 0.0 && self.quantile < 1.0,
        )?;
        let share_below = RatioArm::new(
            Arm::new(clusters, self.indicator_sum, self.indicator_sum_squares)?,
            Arm::new(clusters, self.count_sum, self.count_sum_squares)?,
            self.cross,
        )?;
        let estimate = QuantileEstimate {
            n,
            quantile: self.quantile_hat,
            lower: self.lower,
            upper: self.upper,
        };
        let design = design_effect(&share_below, n, self.quantile)?;
        let variance = design * checked(&estimate)?.variance(alpha);
        finite(variance)?;
        Ok(joined(
            quantile_status(variance),
            json!({
                "quantile": estimate.quantile,
                "design_effect": design,
                "variance_of_quantile": variance,
            }),
        ))
    }
}
