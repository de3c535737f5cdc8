//! Events: the durable log that acknowledges them, and the store that answers questions about them.
//!
//! An event is acknowledged once it lies in the *log*, synced (group commit: many batches share a sync). The *sealer*
//! turns closed segments of the log into sorted Parquet files by environment and day, and a *manifest*, replaced as a
//! whole, says which files are live and which segments they stand for: at every moment, also after a crash between any
//! two steps, each event is in exactly one of them. Questions read both.
//!
//! A resent event is counted once. Its [fingerprint](Event::fingerprint) decides: sealing leaves out what the day's
//! files already hold, so two live files never share an event, and a question compares only the unsealed rest.
//!
//! The analysis is one pass over sorted columns. The rows of one event lie together, ordered by identity: the exposures
//! become a table ordered by the identifier's hash, and the metric events run along it. With more identities than the
//! memory limit allows, the hashes are halved until each part fits, and the parts are taken one after the other.
//!
//! # Another store
//! A warehouse implements [`EventSink`] and [`EventReader`] beside [`EmbeddedStore`] and [`EmbeddedReader`]. It must give the same answers to the same events; the
//! tests in `tests/` state them against a naive model.

mod breakdown;
mod check;
mod columnar;
mod disk;
mod embedded;
mod error;
mod event;
mod export;
mod fingerprints;
mod layout;
mod log;
mod manifest;
mod metric;
mod number;
mod options;
mod query;
mod reader;
mod seal;
mod snapshot;
mod state;
mod store;

pub use breakdown::{
    DailyStatistics, DayStatistics, DimensionLevels, DimensionStatistics, Level, LevelStatistics, MAX_DAYS,
    MAX_LEVELS, SettledMetric,
};
pub use check::CheckReport;
pub use disk::{Disk, DiskFile, RealDisk};
pub use embedded::EmbeddedStore;
pub use error::{EventsError, Result};
pub use event::{EXPOSURE_EVENT, Event, MAX_TIMESTAMP_MS, identifier_hash};
pub use metric::{
    Aggregation, Cap, CapAt, ClusterSums, EventFilter, ExposureWindow, Measure, MetadataValue, MetricKind,
    MetricQuery, MetricStatistics, Quantile, QuantileOf, QuantileStatistics, RatioBefore, SecondStatistics,
    Thresholds, VariantStatistics,
};
pub use options::{EmbeddedOptions, QueryOptions};
pub use reader::EmbeddedReader;
pub use store::{
    EventNames, EventReader, EventSink, EventTotals, ExportFilter, ExportFormat, ExposurePoint,
    ExposureQuery, Exposures, Granularity, ReproductionSql, SufficientStatistics,
};
