//! What is asked and answered about an experiment beyond its totals: day by day, and by dimension.

use std::collections::BTreeMap;

use crate::metric::{MetricQuery, MetricStatistics, Thresholds};

/// Days that a series has at most; of a longer time it has the last ones.
pub const MAX_DAYS: usize = 400;

/// Levels of a dimension that are told by themselves, those with the most identities.
pub const MAX_LEVELS: usize = 20;

/// A metric with the thresholds that were found for it, so that a part of its identities is capped as the whole was.
#[derive(Clone, Debug, PartialEq)]
pub struct SettledMetric {
    /// The metric.
    pub query: MetricQuery,
    /// Where the numbers of the identities are capped.
    pub thresholds: Thresholds,
    /// Where the denominators or covariates are capped.
    pub second_thresholds: Thresholds,
    /// Where numerators and denominators before the exposure are capped, of a ratio with a covariate.
    pub before_thresholds: [Thresholds; 2],
}

impl SettledMetric {
    /// The metric, capped as in an answer about it.
    pub fn new(query: &MetricQuery, found: &MetricStatistics) -> Self {
        Self {
            query: query.clone(),
            thresholds: found.thresholds,
            second_thresholds: found.second_thresholds,
            before_thresholds: found.before_thresholds,
        }
    }
}

/// The numbers of an experiment day by day.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyStatistics {
    /// The days of the analysed time in UTC, ascending and without gaps, at most [`MAX_DAYS`].
    pub days: Vec<DayStatistics>,
    /// The rows of events that were looked at.
    pub rows_scanned: u64,
}

/// The numbers of one day. Who saw several variants by the end of the analysed time is in none of them. Every list of metrics is in the order in which they were asked for, and has every variant that
/// was asked for, with 0 identities if nobody is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct DayStatistics {
    /// The first millisecond of the day.
    pub day_ms: i64,
    /// Whether the analysed time goes on to the end of the day.
    pub is_complete: bool,
    /// The identities first exposed on this day, by variant.
    pub new_identities: BTreeMap<String, u64>,
    /// The numbers as of the end of the day, or of the analysed time if that comes first: the identities exposed by then, with what they did by then.
    pub cumulative: Vec<MetricStatistics>,
    /// What the identities exposed before the day began did on the day. `None` for a metric with a window of its own,
    /// which has no numbers of a day. A covariate is that of the identity, from before its exposure.
    pub daily: Vec<Option<MetricStatistics>>,
}

/// The numbers of an experiment by dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct DimensionStatistics {
    /// The dimensions, in the order in which they were asked for.
    pub dimensions: Vec<DimensionLevels>,
    /// The rows of events that were looked at.
    pub rows_scanned: u64,
}

/// One dimension: a member of the metadata of exposures, or a trait where the metadata have no such member.
#[derive(Clone, Debug, PartialEq)]
pub struct DimensionLevels {
    /// The member's name.
    pub name: String,
    /// Whether there were so many different values that some were not told apart; they are among the other ones.
    pub is_truncated: bool,
    /// The values with the most identities, at most [`MAX_LEVELS`], the largest first; then the identities without a value,
    /// then those with any other value. None is there without identities.
    pub levels: Vec<LevelStatistics>,
}

/// What an identity was at its first exposure. Of several exposures in that millisecond the first value by text counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// A text, or a number or a boolean as JSON writes it.
    Value(String),
    /// No value: there was no such member, or none of these types.
    Missing,
    /// Any other value.
    Other,
}

/// The numbers of one level. Who saw several variants is in none of them; every variant that was asked for is there.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelStatistics {
    /// The level.
    pub level: Level,
    /// The exposed identities, by variant.
    pub identities: BTreeMap<String, u64>,
    /// The metrics, in the order in which they were asked for.
    pub metrics: Vec<MetricStatistics>,
}
