//! Everything about one experiment at one moment, ready to serialise (contract, statistics section 17).
//!
//! [`analyze`] takes plain inputs and gives the [`ResultsPayload`]: the keys that existing clients know, number for number
//! ([`infer`](crate::infer)), and beside them an `analysis` of each treatment by every method, and a decision.
//!
//! What must survive from one look to the next (running minima, looks spent) comes in as [`History`] and stands in the
//! payload, so that the last stored payload is all the state there is.

mod analysis;
mod comparison;
mod conclusion;
mod dimensions;
mod fixed;
mod history;
mod input;
mod looks;
mod monitoring;
mod payload;
mod series;
mod split;

pub use analysis::{
    AbsoluteAnalysis, AdjustedPValue, AnalysisStatus, BayesianAnalysis, CovariateAnalysis,
    GroupSequentialAnalysis, GuardrailAnalysis, PowerAnalysis, RelativeAnalysis, SequentialAnalysis,
    VariantAnalysis, VariantVerdict,
};
pub use dimensions::{
    DimensionInput, DimensionMetric, DimensionReport, DimensionVariant, HeterogeneityReport, LevelEffect,
    LevelInput, LevelKey, LevelSplit, dimensions,
};
pub use history::{ComparisonHistory, History};
pub use input::{
    AnalysisInput, AnalysisSettings, CappedNumbers, MetricData, MetricInput, MetricRole, Phase, Progress,
    VerdictMethod, Winsorised,
};
pub use looks::SpentLooks;
pub use payload::{ExperimentDecision, MetricResult, ResultsPayload, analyze};
pub use series::{
    CumulativePoint, DailyPoint, ImpactReport, MetricSeries, NoveltyReport, SeriesDay, VariantSeries, series,
};
pub use split::{PhaseReport, SampleRatioReport, sample_ratio_by_level, sample_ratio_report};
