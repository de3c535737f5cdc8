//! Experiment statistics: summary numbers in, estimates out.
//!
//! Everything is computed from *sufficient statistics* per variant (contract, statistics). The crate is pure: no clock, no
//! I/O, no randomness but the seeds of [`simulation`]. The same input gives the same output, bit for bit on one platform,
//! and no finite input gives a NaN or an infinity.
//!
//! # How the numbers flow
//!
//! ```text
//! Arm, CovariateArm, RatioArm, QuantileArm, Stratum --> EffectMoments --> welch_test, fieller_interval     read once
//!                                                                    --> confidence_sequence               read at any time
//!                                                                    --> noninferiority_test               guardrails
//!                                                                    --> posterior_relative                beliefs
//! information fractions --> group_sequential_looks          p-values --> Correction::adjust    shares, counts --> sample_ratio_test
//! AnalysisInput --> analyze --> ResultsPayload              all of it, with verdicts and a decision, ready to serialise
//! documents of cases --> cases::answer                      every method by name, on JSON
//! ```
//!
//! # Adding a metric type or a method
//!
//! A new *metric type* is one more constructor of [`EffectMoments`] and a variant of [`results::MetricData`]; every method
//! then applies to it. A new *method* is a function of [`EffectMoments`] in a file of its own that returns
//! `Result<_, Unestimable>`, a name in [`cases::Method`] and, if it is shown, a section in [`results`]. Both come with values
//! from an independent implementation in `tests/oracle`, made by the script there.
//!
//! # Example
//!
//! ```
//! use liftgate_stats::{Aggregation, Arm, Direction, infer};
//!
//! let control = Arm::new(44_700, 20_034.0, 20_034.0)?;
//! let treatment = Arm::new(45_489, 20_119.0, 20_119.0)?;
//! let inference = infer(Some(&control), &treatment, Aggregation::Occurrence, Direction::Up).expect("enough data");
//! assert!((inference.lift + 0.013_175_655_859_746_59).abs() < 1e-15);
//! # Ok::<(), liftgate_stats::InvalidStatistics>(())
//! ```

mod arm;
mod best_arm;
mod compensated;
mod confidence_sequence;
mod conversions;
mod covariate;
mod decision;
mod effect;
mod error;
mod fieller;
mod fisher;
mod fixed_horizon;
mod forecast;
mod group_sequential;
mod guardrail;
mod heterogeneity;
mod impact;
mod inference;
mod moments;
mod multiplicity;
mod order_statistic;
mod posterior;
mod power;
mod prior;
mod proportions;
mod quantile;
mod quotient;
mod ratio;
mod ratio_covariate;
mod root;
mod shares;
mod significance;
mod spending;
mod srm;
mod srm_sequential;
mod stratified;
mod winsorise;

pub mod cases;
pub mod chi_square;
pub mod normal;
pub mod results;
pub mod simulation;
pub mod student;

pub use arm::{Arm, MAX_UNITS};
pub use best_arm::{DEFAULT_FLOOR, MAX_ARMS, bandit_weights, best_arm_probabilities};
pub use confidence_sequence::{
    ConfidenceSequence, DEFAULT_N_STAR, OneSidedBounds, SequentialTuning, confidence_sequence,
};
pub use conversions::{g_test, highest_share_probabilities};
pub use covariate::{CovariateAdjustment, CovariateArm, covariate_adjusted};
pub use decision::{
    DEFAULT_MAX_DAYS, DEFAULT_MIN_DAYS, Decision, DecisionInput, GoalVerdict, Verdict, decide,
};
pub use effect::EffectMoments;
pub use error::{InvalidStatistics, Unestimable};
pub use fieller::{RelativeInterval, fieller_interval};
pub use fisher::{FISHER_UNITS, fisher_p_value};
pub use fixed_horizon::{WelchTest, flat_absolute, flat_relative, welch_test};
pub use forecast::{MIN_DAYS, RuntimeForecast, forecast_runtime};
pub use group_sequential::{LARGEST_BOUND, Look, MAX_LOOKS, group_sequential_looks, next_look};
pub use guardrail::{
    DEFAULT_MARGIN, DEFAULT_SECONDARY_MARGIN, GuardrailVerdict, Margin, NoGuardrail, NonInferiority,
    noninferiority_test, sequential_noninferiority_test,
};
pub use heterogeneity::{GroupEffect, Heterogeneity, MIN_UNITS_PER_LEVEL, Novelty, heterogeneity, novelty};
pub use impact::{ScaledImpact, scaled_impact};
pub use inference::{
    Aggregation, Inference, MIN_CONVERSIONS_PER_ARM, MIN_UNITS_PER_ARM, NoInference, Z_95, infer,
};
pub use moments::RunningMoments;
pub use multiplicity::{Correction, e_benjamini_hochberg};
pub use order_statistic::{QuantileArm, QuantileEstimate, QuantileRanks, design_effect, quantile_ranks};
pub use posterior::{Direction, Interval, NormalPosterior};
pub use power::{Baseline, PowerParameters, PowerPlan, SequentialInflation};
pub use prior::{NormalPrior, Prior, posterior_absolute, posterior_relative};
pub use proportions::{
    FEW_EVENTS, Proportion, agresti_caffo_interval, newcombe_interval, score_lift_interval, score_p_value,
};
pub use ratio::RatioArm;
pub use ratio_covariate::{RatioCovariateArm, ratio_covariate_adjusted};
pub use results::{
    AnalysisInput, MetricInput, MetricResult, ResultsPayload, SampleRatioReport, analyze, sample_ratio_report,
};
pub use shares::{CONTROL, ExpectedShares};
pub use significance::SignificanceLevel;
pub use spending::Spending;
pub use srm::{
    MIN_UNITS, QUARANTINE_FAIL_SHARE, QUARANTINE_WARN_SHARE, QuarantineStatus, SampleRatioTest, SrmStatus,
    sample_ratio_test,
};
pub use srm_sequential::{
    SRM_ALARM_LEVEL, SRM_CONCENTRATION, SequentialSampleRatio, sequential_sample_ratio,
};
pub use stratified::{Stratum, merge_sparse_strata, post_stratified};
pub use winsorise::{CappedValues, Thresholds, WinsoriseSettings};
