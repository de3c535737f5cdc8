//! What an analysis starts from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::history::History;
use crate::arm::Arm;
use crate::covariate::CovariateArm;
use crate::guardrail::{DEFAULT_MARGIN, Margin};
use crate::inference::Aggregation;
use crate::multiplicity::Correction;
use crate::order_statistic::QuantileArm;
use crate::posterior::Direction;
use crate::prior::NormalPrior;
use crate::ratio::RatioArm;
use crate::ratio_covariate::RatioCovariateArm;
use crate::shares::ExpectedShares;
use crate::significance::SignificanceLevel;
use crate::stratified::Stratum;

/// What is known about an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysisInput {
    /// Shares from the rollout override in force; empty if there is none.
    pub expected_shares: ExpectedShares,
    /// Exposed units by variant since those shares are in force, quarantined ones excluded.
    pub observed: BTreeMap<String, u64>,
    /// Earlier times of other shares, oldest first.
    pub earlier_phases: Vec<Phase>,
    /// Units seen in more than one variant.
    pub quarantined: u64,
    /// The metrics, in the order in which they are to be reported.
    pub metrics: Vec<MetricInput>,
    /// How the numbers are judged.
    pub settings: AnalysisSettings,
    /// How far the experiment is.
    pub progress: Progress,
    /// What earlier looks found.
    pub history: History,
}

/// A time during which the shares stayed the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phase {
    /// Shares of the rollout override.
    pub expected_shares: ExpectedShares,
    /// Units exposed during the phase, by variant.
    pub observed: BTreeMap<String, u64>,
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
    /// Which way the experiment wants it to go; the verdict and the guardrail look this way.
    pub wanted: Direction,
    /// What the metric decides.
    pub role: MetricRole,
    /// Statistics by variant key. A variant whose statistics were rejected is left out: it and, if it is control, the
    /// comparisons with it then have no inference, and the other metrics are unaffected.
    pub variants: BTreeMap<String, Arm>,
    /// More than sums, where the metric has it.
    pub data: MetricData,
    /// How the values were capped before they were summed.
    pub winsorised: Option<Winsorised>,
}

impl MetricInput {
    /// A goal that is compared by its sums.
    pub fn of_sums(
        metric_id: i64,
        aggregation: Aggregation,
        direction: Direction,
        variants: BTreeMap<String, Arm>,
    ) -> Self {
        Self {
            metric_id,
            aggregation,
            direction,
            wanted: direction,
            role: MetricRole::Goal,
            variants,
            data: MetricData::Sums,
            winsorised: None,
        }
    }
}

/// What a metric decides about an experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricRole {
    /// A win ships, a loss rolls back.
    Goal,
    /// Reported, corrected within its own family, decides nothing.
    Secondary,
    /// Must not get worse by more than the margin.
    Guardrail(Margin),
}

impl MetricRole {
    /// A guardrail of the default margin.
    pub const DEFAULT_GUARDRAIL: Self = Self::Guardrail(Margin::Relative(DEFAULT_MARGIN));
}

/// The statistics that the effect is computed from, by variant key.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum MetricData {
    /// The sums of [`MetricInput::variants`].
    #[default]
    Sums,
    /// Sums with a covariate from before the exposure.
    Covariate(BTreeMap<String, CovariateArm>),
    /// Numerators and denominators.
    Ratio(BTreeMap<String, RatioArm>),
    /// Numerators and denominators, with the same from before the exposure.
    RatioCovariate(BTreeMap<String, RatioCovariateArm>),
    /// Quantiles with their variances. A variant that has sums but no quantile has too few numbers for one.
    Quantile(BTreeMap<String, QuantileArm>),
    /// Strata of each treatment with control, by the treatment's key: a pre-exposure attribute, whose strata that are too small
    /// for a variance are put together.
    Strata(BTreeMap<String, Vec<Stratum>>),
    /// Periods of different weights, of each treatment with control, by the treatment's key. They are never put together.
    Periods(BTreeMap<String, Vec<Stratum>>),
}

/// How the values of a metric were capped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Winsorised {
    /// The values; of a ratio, its numerators.
    #[serde(flatten)]
    pub outcome: CappedNumbers,
    /// The denominators of a ratio; `None` if they were not capped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<CappedNumbers>,
    /// The values before the exposure, by thresholds of their own; `None` if they were not capped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covariate: Option<CappedNumbers>,
    /// The denominators of a ratio before the exposure; `None` if they were not capped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator_covariate: Option<CappedNumbers>,
}

/// Thresholds at which numbers were capped, and how many were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CappedNumbers {
    /// Numbers below became this; `None` for no lower threshold.
    pub lower_threshold: Option<f64>,
    /// Numbers above became this; `None` for no upper threshold.
    pub upper_threshold: Option<f64>,
    /// Numbers that were moved, of all variants together.
    pub n_capped: u64,
}

/// What a goal or a secondary metric is judged by.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum VerdictMethod {
    /// Confidence sequences: at every look.
    #[default]
    Sequential,
    /// A group sequential test: at one look a day and at the end. It needs planned units.
    GroupSequential,
    /// The corrected tests of a fixed horizon: once, at the end.
    Fixed,
}

impl VerdictMethod {
    /// The name in payloads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::GroupSequential => "group_sequential",
            Self::Fixed => "fixed",
        }
    }
}

/// How the numbers are judged. Fixed at the start of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisSettings {
    /// What goals and secondary metrics are judged by.
    pub verdict_method: VerdictMethod,
    /// Level of a family.
    pub alpha: SignificanceLevel,
    /// Planned units of a pair of arms; `None` without a plan, then confidence sequences are tuned for
    /// [`DEFAULT_N_STAR`](crate::DEFAULT_N_STAR).
    pub planned_units: Option<f64>,
    /// The lift of interest, a share above 0; `None` if none was named: then nothing is neutral.
    pub target_lift: Option<f64>,
    /// Wanted probability of finding it.
    pub power: f64,
    /// What is believed of lifts beforehand.
    pub prior: NormalPrior,
    /// Correction of the goals.
    pub goal_correction: Correction,
    /// Correction of secondary metrics.
    pub secondary_correction: Correction,
    /// Days before which nothing ships.
    pub min_days: f64,
    /// Days after which the experiment ends.
    pub max_days: f64,
}

impl Default for AnalysisSettings {
    fn default() -> Self {
        Self {
            verdict_method: VerdictMethod::default(),
            alpha: SignificanceLevel::FIVE_PERCENT,
            planned_units: None,
            target_lift: None,
            power: 0.8,
            prior: NormalPrior::DEFAULT,
            goal_correction: Correction::Holm,
            secondary_correction: Correction::BenjaminiHochberg,
            min_days: f64::from(crate::DEFAULT_MIN_DAYS),
            max_days: f64::from(crate::DEFAULT_MAX_DAYS),
        }
    }
}

/// How far the experiment is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The time of the look, as it is to be reported.
    pub as_of: Option<String>,
    /// Days since the start, not rounded.
    pub days_run: f64,
    /// Whether the experiment has ended, so that no further look follows.
    pub is_final: bool,
    /// New eligible units of each of the last full days; empty if unknown.
    pub daily_new_units: Vec<f64>,
    /// Share of the eligible units that enters, 0 to 1.
    pub rollout_share: f64,
    /// Whether somebody asked for this look. Such a look comes at a time of the reader's choosing, so a group sequential test
    /// spends nothing on it.
    pub is_requested: bool,
}
