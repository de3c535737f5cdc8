//! The event store as its callers see it, whatever holds the events.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use async_trait::async_trait;

use crate::breakdown::{DailyStatistics, DimensionStatistics, SettledMetric};
use crate::check::CheckReport;
use crate::error::Result;
use crate::event::Event;
use crate::metric::{MetricQuery, MetricStatistics};

/// Takes events.
#[async_trait]
pub trait EventSink: Send + Sync + 'static {
    /// Stores a batch. When this returns `Ok`, every event of it survives a crash of the process or the machine.
    ///
    /// # Errors
    /// `Unavailable` when too much waits already or the disk fails, `StorageFull` when it is full: the caller may resend
    /// the batch, which is then counted once even if part of it was stored. `LimitExceeded` and `Invalid` when an event
    /// cannot be stored at all.
    async fn append(&self, events: Vec<Event>) -> Result<()>;
}

/// Answers the questions of experimentation about events.
///
/// Every answer counts a resent event once. The methods are few and wide because the stores behind them differ in kind.
#[async_trait]
pub trait EventReader: Send + Sync + 'static {
    /// Returns the names of an environment's events, the one with the latest timestamp first, at most `limit`
    /// (contract, admin-api section 7.13).
    async fn event_names(&self, environment_key: &str, limit: usize) -> Result<EventNames>;

    /// Counts an environment's events and their names (contract, admin-api section 7.13).
    async fn event_totals(&self, environment_key: &str) -> Result<EventTotals>;

    /// Returns when the identities of an experiment were first exposed (contract, admin-api section 7.8).
    async fn exposures(&self, query: &ExposureQuery) -> Result<Exposures>;

    /// Returns the identities per variant by the phase in which they were first exposed, those that saw several variants left
    /// out. Phases begin at `starts_ms`, ascending, and end where the next begins; the first begins with the window.
    async fn identities_by_phase(
        &self,
        query: &ExposureQuery,
        starts_ms: &[i64],
    ) -> Result<Vec<BTreeMap<String, u64>>>;

    /// Returns, for each metric and variant, the number of identities and the sums from which every estimate follows
    /// (contract, admin-api section 7.8).
    async fn sufficient_statistics(
        &self,
        query: &ExposureQuery,
        metrics: &[MetricQuery],
    ) -> Result<SufficientStatistics>;

    /// Returns the numbers of [`EventReader::sufficient_statistics`] day by day, in UTC, for the variants named, with the
    /// thresholds that were found for the whole.
    async fn daily_statistics(
        &self,
        query: &ExposureQuery,
        variants: &[String],
        metrics: &[SettledMetric],
    ) -> Result<DailyStatistics>;

    /// Returns the numbers of [`EventReader::sufficient_statistics`] by what the identities were at their first exposure, for the
    /// variants named, with the thresholds that were found for the whole.
    async fn dimension_statistics(
        &self,
        query: &ExposureQuery,
        dimensions: &[String],
        variants: &[String],
        metrics: &[SettledMetric],
    ) -> Result<DimensionStatistics>;

    /// Returns SQL for DuckDB that computes the same numbers from the store's files.
    async fn reproduction_sql(
        &self,
        query: &ExposureQuery,
        metrics: &[MetricQuery],
    ) -> Result<ReproductionSql>;

    /// Writes the events that the filter lets through, each once, in no promised order. Returns how many there were.
    async fn export(
        &self,
        filter: ExportFilter,
        format: ExportFormat,
        writer: Box<dyn Write + Send>,
    ) -> Result<u64>;

    /// Examines everything that is stored.
    async fn check(&self) -> Result<CheckReport>;
}

/// The exposures of one experiment: its feature's in its environment and window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposureQuery {
    /// The client key of the environment.
    pub environment_key: String,
    /// The feature that the experiment is about.
    pub feature_name: String,
    /// The first millisecond of the window.
    pub from_ms: i64,
    /// The first millisecond after the window.
    pub until_ms: i64,
}

/// The names of an environment's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventNames {
    /// The names, the one with the latest timestamp first.
    pub names: Vec<String>,
    /// Whether there are more.
    pub is_truncated: bool,
}

/// How much an environment has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTotals {
    /// The events.
    pub total_events_received: u64,
    /// Their different names.
    pub unique_events_count: u64,
}

/// The width of a time bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// One hour: for windows of up to 72 hours.
    Hour,
    /// One day.
    Day,
}

/// When the identities of an experiment were first exposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposures {
    /// The identities that saw more than one variant.
    pub excluded_identities: u64,
    /// The width of the buckets.
    pub granularity: Granularity,
    /// The buckets in which there were any, ascending.
    pub points: Vec<ExposurePoint>,
}

/// The identities first exposed in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposurePoint {
    /// The first millisecond of the bucket, in UTC.
    pub bucket_ms: i64,
    /// The identities per variant; a variant without any is absent.
    pub new_identities: BTreeMap<String, u64>,
}

/// The numbers from which every estimate of an experiment follows.
#[derive(Clone, Debug, PartialEq)]
pub struct SufficientStatistics {
    /// The exposed identities per variant.
    pub identities: BTreeMap<String, u64>,
    /// The metrics, in the order in which they were asked for.
    pub metrics: Vec<MetricStatistics>,
    /// The identities that saw more than one variant; they are in none of the other numbers.
    pub quarantined_identities: u64,
    /// The rows of events that were looked at.
    pub rows_scanned: u64,
    /// How long it took.
    pub duration: Duration,
}

/// SQL that computes the numbers of a result from the store's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReproductionSql {
    /// One statement for DuckDB. Its rows are the variants; its columns `variant`, `n`, and for the metric at index i
    /// `m<i>_sum` and `m<i>_sum_squares`, and `quarantined`, which is the same in every row. Where the metric has it, also:
    /// `m<i>_n` (a window); `m<i>_denominator_sum`, `m<i>_denominator_sum_squares` and `m<i>_cross`, or the same with
    /// `covariate`; `m<i>_n_capped`, `m<i>_lower_threshold` and `m<i>_upper_threshold`, and those of
    /// `m<i>_denominator` or `m<i>_covariate` (caps). It is to be run in the directory that the store's directory lies in:
    /// its paths are relative to that.
    pub sql: String,
    /// Whether every event in question lies in the files that the SQL reads; `false` while some wait in the log.
    pub is_complete: bool,
}

/// Which events to export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFilter {
    /// Only those of one environment.
    pub environment_key: Option<String>,
    /// Only those with this name.
    pub event: Option<String>,
    /// Only those at or after this millisecond.
    pub from_ms: Option<i64>,
    /// Only those before this millisecond.
    pub until_ms: Option<i64>,
}

/// How exported events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object a line: the names and types of the ingestion contract (contract, sdk-api section 9), and
    /// `environment_key`, `collected_at` (milliseconds), `sdk_language`, `sdk_version`.
    JsonLines,
    /// One Parquet file with the columns of the store's own.
    Parquet,
}
