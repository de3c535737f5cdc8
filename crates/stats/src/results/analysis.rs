//! The `analysis` of one treatment in one metric. Every number is finite; `null` means unknown, and a status says why.

use serde::{Serialize, Serializer};

use super::input::Winsorised;
use crate::error::Unestimable;
use crate::guardrail::GuardrailVerdict;

/// All that is said about one treatment in one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantAnalysis {
    /// Whether there is an effect to speak of.
    pub status: AnalysisStatus,
    /// Whether the sums no longer carry the spread of the values.
    pub precision_warning: bool,
    /// The effect in the metric's unit, read once.
    pub absolute: Option<AbsoluteAnalysis>,
    /// The effect relative to control, read once.
    pub relative: Option<RelativeAnalysis>,
    /// The effect, read at any time.
    pub sequential: Option<SequentialAnalysis>,
    /// The scheduled looks; `None` without a plan.
    pub group_sequential: Option<GroupSequentialAnalysis>,
    /// The belief about the lift.
    pub bayesian: Option<BayesianAnalysis>,
    /// The covariate adjustment behind all of these; `None` without a covariate.
    pub cuped: Option<CovariateAnalysis>,
    /// The p-value corrected for its family; `None` for guardrails.
    pub adjusted_p_value: Option<AdjustedPValue>,
    /// The test of non-inferiority; `None` for other metrics.
    pub guardrail: Option<GuardrailAnalysis>,
    /// What the units there are can find.
    pub power: Option<PowerAnalysis>,
    /// How values were capped; `None` if they were not.
    pub winsorised: Option<Winsorised>,
    /// What it comes to.
    pub verdict: VariantVerdict,
}

/// `ok`, or why there is no effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnalysisStatus {
    /// There is.
    Ok,
    /// The metric has no control arm, or none that could be read.
    ControlMissing,
    /// The data carry none, or none on the relative scale.
    Unestimable(Unestimable),
}

impl Serialize for AnalysisStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ok => serializer.serialize_str("ok"),
            Self::ControlMissing => serializer.serialize_str("control_missing"),
            Self::Unestimable(reason) => reason.serialize(serializer),
        }
    }
}

/// The effect in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AbsoluteAnalysis {
    /// `welch`, or `newcombe` where events are few.
    pub method: &'static str,
    /// Treatment minus control.
    pub estimate: f64,
    /// Standard error; `None` if nothing varies.
    pub standard_error: Option<f64>,
    /// Lower end of the interval.
    pub ci_low: Option<f64>,
    /// Upper end of the interval.
    pub ci_high: Option<f64>,
    /// p-value of no effect: Welch's, or of the pooled score test where events are few.
    pub p_value: Option<f64>,
    /// Fisher's exact p-value, where events are few and units too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fisher_p_value: Option<f64>,
    /// Degrees of freedom of Welch's test.
    pub df: Option<f64>,
}

/// The effect relative to control.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RelativeAnalysis {
    /// `ok`, or `unbounded_relative`: read the absolute effect.
    pub status: &'static str,
    /// A share; `None` for a control value of zero.
    pub lift: Option<f64>,
    /// `fieller`, or `score` where events are few.
    pub method: &'static str,
    /// Lower end of the interval.
    pub ci_low: Option<f64>,
    /// Upper end of the interval.
    pub ci_high: Option<f64>,
    /// Fieller's `g`.
    pub g: Option<f64>,
}

/// The effect, read at any time. At a look without an effect, what earlier looks found stays, without an interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SequentialAnalysis {
    /// `asymptotic_cs`.
    pub method: &'static str,
    /// Whether there are enough units and events for a verdict.
    pub ready: bool,
    /// Units of the pair for which it is tuned.
    pub n_star: f64,
    /// Standard errors on each side; `None` without an effect.
    pub multiplier: Option<f64>,
    /// Lower end, in the metric's unit; `None` without an effect.
    pub ci_low: Option<f64>,
    /// Upper end, in the metric's unit; `None` without an effect.
    pub ci_high: Option<f64>,
    /// Lower end, a share; `None` if unbounded.
    pub relative_ci_low: Option<f64>,
    /// Upper end, a share; `None` if unbounded.
    pub relative_ci_high: Option<f64>,
    /// Logarithm of the evidence against no effect, at this look; `None` without an effect.
    pub log_e_value: Option<f64>,
    /// Least p-value over all looks that were ready.
    pub p_value_anytime: f64,
    /// The effect at the look of that p-value, in the metric's unit; `None` before the first that was ready.
    pub estimate_at_least_p_value: Option<f64>,
    /// The same, corrected for the family.
    pub adjusted_p_value_anytime: Option<f64>,
    /// When it first fell to the level.
    pub first_significant_at: Option<String>,
}

impl SequentialAnalysis {
    /// `min(1, 1/e)` at this look, 1 before there is enough: unlike its least value so far, an e-value.
    pub(super) fn inverse_e_value(&self) -> f64 {
        match self.log_e_value {
            Some(log_e_value) if self.ready => crate::confidence_sequence::p_value_of(log_e_value),
            _ => 1.0,
        }
    }
}

/// The scheduled looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GroupSequentialAnalysis {
    /// Information fraction of the last look.
    pub information: f64,
    /// Its bound; `None` if the test cannot stop there.
    pub z_bound: Option<f64>,
    /// Looks spent.
    pub looks: usize,
    /// Lower end of the repeated interval, in the metric's unit; `None` between scheduled looks.
    pub ci_low: Option<f64>,
    /// Upper end of the repeated interval, in the metric's unit.
    pub ci_high: Option<f64>,
    /// Whether the bound was crossed, at this look or an earlier one.
    pub crossed: bool,
    /// The effect where it was crossed first, in the metric's unit.
    pub estimate_at_crossing: Option<f64>,
}

/// The belief about the lift. No stopping rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BayesianAnalysis {
    /// What was believed beforehand.
    pub prior: PriorAnalysis,
    /// Posterior mean, a share.
    pub lift: f64,
    /// Lower end of the credible interval.
    pub ci_low: f64,
    /// Upper end of the credible interval.
    pub ci_high: f64,
    /// Probability of being better than control.
    pub chance_to_win: f64,
    /// Expected loss of lift from shipping.
    pub risk_ship: f64,
    /// Expected loss of lift from keeping control.
    pub risk_keep: f64,
    /// Always false.
    pub stopping_rule_valid: bool,
}

/// A normal prior on the relative scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PriorAnalysis {
    /// Mean, a share.
    pub mean: f64,
    /// Standard deviation, a share.
    pub sd: f64,
    /// Always true: the flat prior is that of `inference`.
    pub proper: bool,
}

/// The covariate adjustment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CovariateAnalysis {
    /// The coefficient.
    pub theta: f64,
    /// Whether the covariate does not vary, so that nothing was adjusted.
    pub covariate_constant: bool,
    /// Share of the variance that is removed.
    pub variance_reduction: f64,
    /// Control mean at the pooled covariate mean.
    pub adjusted_mean_control: f64,
    /// Treatment mean at the pooled covariate mean.
    pub adjusted_mean_treatment: f64,
    /// The effect without adjustment, in the metric's unit.
    pub unadjusted_estimate: f64,
    /// Its standard error.
    pub unadjusted_standard_error: f64,
}

/// The p-value corrected for its family.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AdjustedPValue {
    /// Name of the correction.
    pub method: &'static str,
    /// To be compared with the level itself.
    pub value: f64,
    /// Always `bonferroni`: intervals cannot follow Holm.
    pub ci_method: &'static str,
    /// Lower end of the interval at the level over the size of the family, in the metric's unit.
    pub ci_low: Option<f64>,
    /// Upper end of that interval.
    pub ci_high: Option<f64>,
}

/// The test of non-inferiority.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GuardrailAnalysis {
    /// `asymptotic_cs` while the experiment runs, `welch` at its end.
    pub method: &'static str,
    /// The margin, a share of control; `None` if it is absolute.
    pub margin_relative: Option<f64>,
    /// The margin in the metric's unit; `None` if it is relative.
    pub margin_absolute: Option<f64>,
    /// Small means safe.
    pub p_value_noninferior: f64,
    /// Small means harm.
    pub p_value_inferior: f64,
    /// Which of the two is below the level.
    pub verdict: GuardrailVerdict,
}

/// What the units there are can find.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PowerAnalysis {
    /// Least lift found with the wanted power, a share.
    pub mde: Option<f64>,
    /// Probability of finding the lift of interest.
    pub at_target: Option<f64>,
    /// Days until the planned units are there and the least days have passed; `None` if unknown.
    pub days_left: Option<u64>,
    /// With probability 0.95 not before; `None` if unknown.
    pub days_left_low: Option<u64>,
    /// With probability 0.95 not after; `None` if unknown.
    pub days_left_high: Option<u64>,
}

/// What an analysis comes to: a word for goals and secondary metrics, another for guardrails.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VariantVerdict {
    /// Better than control.
    Win,
    /// Worse than control.
    Loss,
    /// No difference that matters.
    NeutralOk,
    /// Cannot be said yet.
    Inconclusive,
    /// The guardrail holds.
    Pass,
    /// The guardrail is broken.
    Fail,
    /// The guardrail can neither be said to hold nor to be broken yet.
    Uncertain,
}
