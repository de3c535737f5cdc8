//! A store that is only read: by a command, beside the server that writes it or without one.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::check::CheckReport;
use crate::error::{EventsError, Result};
use crate::event::Event;
use crate::layout::Layout;
use crate::manifest::Manifest;
use crate::options::QueryOptions;
use crate::reader::Reader;
use crate::store::{
    EventNames, EventStore, EventTotals, ExportFilter, ExportFormat, ExposureQuery, Exposures, MetricQuery,
    ReproductionSql, SufficientStatistics,
};

/// A store in a directory that this process never changes. Each question looks at the directory anew and sees
/// everything that was acknowledged before it.
#[derive(Debug)]
pub struct ReadOnlyStore {
    reader: Reader,
}

impl ReadOnlyStore {
    /// Opens the store in a directory.
    ///
    /// # Errors
    /// `Io` when there is no such directory, `Corrupt` when the manifest cannot be read.
    pub fn open(directory: &Path, options: QueryOptions) -> Result<Self> {
        let directory = directory
            .canonicalize()
            .map_err(|error| EventsError::io("opening", directory, error))?;
        let layout = Layout::new(&directory);
        Manifest::load(&layout)?;
        Ok(Self {
            reader: Reader::new(Arc::new(layout), options),
        })
    }
}

#[async_trait]
impl EventStore for ReadOnlyStore {
    /// Always fails with `ReadOnly`.
    async fn append(&self, _events: Vec<Event>) -> Result<()> {
        Err(EventsError::ReadOnly)
    }

    async fn event_names(&self, environment_key: &str, limit: usize) -> Result<EventNames> {
        self.reader.event_names(environment_key, limit).await
    }

    async fn event_totals(&self, environment_key: &str) -> Result<EventTotals> {
        self.reader.event_totals(environment_key).await
    }

    async fn exposures(&self, query: &ExposureQuery) -> Result<Exposures> {
        self.reader.exposures(query).await
    }

    async fn sufficient_statistics(
        &self,
        query: &ExposureQuery,
        metrics: &[MetricQuery],
    ) -> Result<SufficientStatistics> {
        self.reader.sufficient_statistics(query, metrics).await
    }

    async fn reproduction_sql(
        &self,
        query: &ExposureQuery,
        metrics: &[MetricQuery],
    ) -> Result<ReproductionSql> {
        self.reader.reproduction_sql(query, metrics).await
    }

    async fn export(
        &self,
        filter: ExportFilter,
        format: ExportFormat,
        writer: Box<dyn Write + Send>,
    ) -> Result<u64> {
        self.reader.export(filter, format, writer).await
    }

    async fn check(&self) -> Result<CheckReport> {
        self.reader.check().await
    }
}
