//! Answers questions from a store's files, away from the runtime's workers.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::breakdown::{DailyStatistics, DimensionStatistics, SettledMetric};
use crate::check::{CheckReport, check};
use crate::error::{EventsError, Result};
use crate::export::export;
use crate::layout::Layout;
use crate::manifest::Manifest;
use crate::metric::MetricQuery;
use crate::options::QueryOptions;
use crate::query::daily::daily_statistics;
use crate::query::dimensions::dimension_statistics;
use crate::query::phases::identities_by_phase;
use crate::query::{analysis, names, sql};
use crate::snapshot::{Snapshot, SnapshotSource, with_snapshot};
use crate::store::{
    EventNames, EventReader, EventTotals, ExportFilter, ExportFormat, ExposureQuery, Exposures,
    ReproductionSql, SufficientStatistics,
};

/// Reads an embedded store: beside the one that writes it, in the same process or in another, or without one.
///
/// Each question takes a blocking thread of the runtime, a few at a time, and sees everything that was acknowledged before
/// it.
#[derive(Clone, Debug)]
pub struct EmbeddedReader {
    source: Arc<dyn SnapshotSource>,
    options: QueryOptions,
    slots: Arc<Semaphore>,
}

impl EmbeddedReader {
    /// Opens the store in a directory, which this process then never changes.
    ///
    /// # Errors
    /// `Io` when there is no such directory, `Corrupt` when the manifest cannot be read.
    pub fn open(directory: &Path, options: QueryOptions) -> Result<Self> {
        let directory = directory
            .canonicalize()
            .map_err(|error| EventsError::io("opening", directory, error))?;
        let layout = Layout::new(&directory);
        Manifest::load(&layout)?;
        Ok(Self::new(Arc::new(layout), options))
    }

    pub(crate) fn new(source: Arc<dyn SnapshotSource>, options: QueryOptions) -> Self {
        Self {
            source,
            options,
            slots: Arc::new(Semaphore::new(options.max_concurrent_queries.max(1))),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn SnapshotSource) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_| EventsError::unavailable("the event store is closed"))?;
        let source = Arc::clone(&self.source);
        let answer = tokio::task::spawn_blocking(move || {
            let answer = question(source.as_ref());
            drop(slot);
            answer
        });
        answer.await.unwrap_or_else(|error| {
            Err(EventsError::Internal {
                reason: format!("a question: {error}"),
            })
        })
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&Snapshot) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(move |source| with_snapshot(source, question)).await
    }
}

#[async_trait]
impl EventReader for EmbeddedReader {
    async fn event_names(&self, environment_key: &str, limit: usize) -> Result<EventNames> {
        let environment_key = environment_key.to_owned();
        self.ask(move |snapshot| names::event_names(snapshot, &environment_key, limit))
            .await
    }

    async fn event_totals(&self, environment_key: &str) -> Result<EventTotals> {
        let environment_key = environment_key.to_owned();
        self.ask(move |snapshot| names::event_totals(snapshot, &environment_key))
            .await
    }

    async fn exposures(&self, query: &ExposureQuery) -> Result<Exposures> {
        let (query, memory_bytes) = (query.clone(), self.options.analysis_memory_bytes);
        self.ask(move |snapshot| analysis::exposures(snapshot, memory_bytes, &query))
            .await
    }

    async fn identities_by_phase(
        &self,
        query: &ExposureQuery,
        starts_ms: &[i64],
    ) -> Result<Vec<BTreeMap<String, u64>>> {
        let (query, starts_ms) = (query.clone(), starts_ms.to_vec());
        let memory_bytes = self.options.analysis_memory_bytes;
        self.ask(move |snapshot| identities_by_phase(snapshot, memory_bytes, &query, &starts_ms))
            .await
    }

    async fn sufficient_statistics(
        &self,
        query: &ExposureQuery,
        metrics: &[MetricQuery],
    ) -> Result<SufficientStatistics> {
        let (query, metrics) = (query.clone(), metrics.to_vec());
        let memory_bytes = self.options.analysis_memory_bytes;
        self.ask(move |snapshot| analysis::sufficient_statistics(snapshot, memory_bytes, &query, &metrics))
            .await
    }

    async fn daily_statistics(
        &self,
        query: &ExposureQuery,
        variants: &[String],
        metrics: &[SettledMetric],
    ) -> Result<DailyStatistics> {
        let (query, variants, metrics) = (query.clone(), variants.to_vec(), metrics.to_vec());
        let memory_bytes = self.options.analysis_memory_bytes;
        self.ask(move |snapshot| daily_statistics(snapshot, memory_bytes, &query, &variants, &metrics))
            .await
    }

    async fn dimension_statistics(
        &self,
        query: &ExposureQuery,
        dimensions: &[String],
        variants: &[String],
        metrics: &[SettledMetric],
    ) -> Result<DimensionStatistics> {
        let (query, dimensions) = (query.clone(), dimensions.to_vec());
        let (variants, metrics) = (variants.to_vec(), metrics.to_vec());
        let memory_bytes = self.options.analysis_memory_bytes;
        self.ask(move |snapshot| {
            dimension_statistics(snapshot, memory_bytes, &query, &dimensions, &variants, &metrics)
        })
        .await
    }

    async fn reproduction_sql(
        &self,
        query: &ExposureQuery,
        metrics: &[MetricQuery],
    ) -> Result<ReproductionSql> {
        let (query, metrics) = (query.clone(), metrics.to_vec());
        self.ask(move |snapshot| {
            Ok(ReproductionSql {
                sql: sql::reproduction_sql(&snapshot.layout, &query, &metrics),
                is_complete: analysis::all_sealed(snapshot, &query, &metrics)?,
            })
        })
        .await
    }

    async fn export(
        &self,
        filter: ExportFilter,
        format: ExportFormat,
        writer: Box<dyn Write + Send>,
    ) -> Result<u64> {
        self.run(move |source| export(source, &filter, format, writer))
            .await
    }

    async fn check(&self) -> Result<CheckReport> {
        self.ask(check).await
    }
}
