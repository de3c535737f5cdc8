//! The passes of an analysis put together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{Array as _, ArrayRef, RecordBatch};

use super::accumulate::{Accumulators, MetricEvent, VariantSums, count_identities, metric_events};
use super::exposure_table::{BUILD_BYTES, Collector, ExposureTable, TABLE_BYTES, TooMany, Variants};
use super::hash_range::HashRange;
use super::rows::{RowSink, Rows, TailRow, Window};
use crate::columnar::part::{Selector, integers, text, texts, times};
use crate::columnar::schema::Column;
use crate::error::Result;
use crate::event::EXPOSURE_EVENT;
use crate::layout::DAY_MS;
use crate::snapshot::Snapshot;
use crate::store::{
    ExposurePoint, ExposureQuery, Exposures, Granularity, MetricQuery, MetricStatistics, SufficientStatistics,
};

const HOUR_MS: i64 = 3_600_000;

/// The longest window that is shown by the hour (contract, admin-api section 7.8).
const MAX_HOURLY_WINDOW_MS: i64 = 72 * HOUR_MS;

/// Identities in one pass at least, however little memory is allowed.
const MIN_PASS_IDENTITIES: usize = 1_024;

/// Identities whose exposures and sums fit in the second cache of a processor (1 MiB is common).
const SLICE_IDENTITIES: u64 = 8_192;

/// See [`crate::EventStore::sufficient_statistics`].
pub(crate) fn sufficient_statistics(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
    metrics: &[MetricQuery],
) -> Result<SufficientStatistics> {
    let started = Instant::now();
    let (events, positions) = metric_events(metrics);
    let selectors = selectors(query, &events);
    let rows = Rows::new(snapshot, window(query), &selectors)?;
    let wanted: Vec<usize> = (1..selectors.len()).collect();
    let identity_bytes = TABLE_BYTES + events.iter().map(MetricEvent::identity_bytes).sum::<usize>();

    let mut variants = Variants::default();
    let mut identities = Vec::new();
    let mut quarantined_identities = 0;
    let mut statistics: Vec<Vec<VariantSums>> = vec![Vec::new(); metrics.len()];
    let mut rows_scanned = 0;
    for_each_pass(
        &rows,
        memory_bytes / identity_bytes.max(BUILD_BYTES),
        &mut variants,
        |variants, pass| {
            identities.resize(variants.names().len(), 0);
            for statistics in &mut statistics {
                statistics.resize(variants.names().len(), VariantSums::default());
            }
            count_identities(
                pass.table.exposures(),
                &mut identities,
                &mut quarantined_identities,
            );
            let mut accumulators = Accumulators::new(&pass.table, window(query), 1, &events);
            rows.visit(&wanted, pass.range, slices(&pass.table), &mut accumulators)?;
            accumulators.add_to(metrics, &positions, &mut statistics);
            rows_scanned += pass.rows_scanned + accumulators.rows_scanned();
            Ok(())
        },
    )?;

    // A variant that only quarantined identities saw has no identities.
    let present = |variant: &usize| identities[*variant] > 0;
    let named = || {
        variants
            .names()
            .iter()
            .cloned()
            .enumerate()
            .filter(|(variant, _)| present(variant))
    };
    Ok(SufficientStatistics {
        identities: named()
            .map(|(variant, name)| (name, identities[variant]))
            .collect(),
        metrics: metrics
            .iter()
            .zip(&statistics)
            .map(|(metric, statistics)| MetricStatistics {
                metric_id: metric.metric_id,
                variants: named()
                    .map(|(variant, name)| (name, statistics[variant].finish()))
                    .collect(),
            })
            .collect(),
        quarantined_identities,
        rows_scanned,
        duration: started.elapsed(),
    })
}

/// See [`crate::EventStore::exposures`].
pub(crate) fn exposures(
    snapshot: &Snapshot,
    memory_bytes: usize,
    query: &ExposureQuery,
) -> Result<Exposures> {
    let selectors = selectors(query, &[]);
    let rows = Rows::new(snapshot, window(query), &selectors)?;
    let (granularity, bucket_width_ms) = match query.until_ms.saturating_sub(query.from_ms) {
        ..=MAX_HOURLY_WINDOW_MS => (Granularity::Hour, HOUR_MS),
        _ => (Granularity::Day, DAY_MS),
    };
    let mut variants = Variants::default();
    let mut excluded_identities = 0;
    let mut buckets: BTreeMap<i64, BTreeMap<usize, u64>> = BTreeMap::new();
    for_each_pass(&rows, memory_bytes / BUILD_BYTES, &mut variants, |_, pass| {
        for exposure in pass.table.exposures() {
            match exposure.variant() {
                Some(variant) => {
                    let bucket_ms = exposure.first_ms.div_euclid(bucket_width_ms) * bucket_width_ms;
                    *buckets.entry(bucket_ms).or_default().entry(variant).or_default() += 1;
                }
                None => excluded_identities += 1,
            }
        }
        Ok(())
    })?;
    let named = |counts: BTreeMap<usize, u64>| {
        counts
            .into_iter()
            .map(|(variant, count)| (variants.names()[variant].clone(), count))
            .collect()
    };
    let points = buckets.into_iter().map(|(bucket_ms, counts)| ExposurePoint {
        bucket_ms,
        new_identities: named(counts),
    });
    Ok(Exposures {
        excluded_identities,
        granularity,
        points: points.collect(),
    })
}

/// Whether every row of the question lies in the Parquet files.
pub(crate) fn all_sealed(
    snapshot: &Snapshot,
    query: &ExposureQuery,
    metrics: &[MetricQuery],
) -> Result<bool> {
    let selectors = selectors(query, &metric_events(metrics).0);
    Ok(Rows::new(snapshot, window(query), &selectors)?.all_sealed())
}

fn window(query: &ExposureQuery) -> Window<'_> {
    Window {
        environment_key: &query.environment_key,
        from_ms: query.from_ms,
        until_ms: query.until_ms,
    }
}

/// The exposures first, then the events of the metrics.
fn selectors(query: &ExposureQuery, events: &[MetricEvent]) -> Vec<Selector> {
    let exposures = Selector {
        event: EXPOSURE_EVENT.to_owned(),
        feature_name: Some(query.feature_name.clone()),
    };
    let metrics = events.iter().map(|event| Selector {
        event: event.event.clone(),
        feature_name: None,
    });
    std::iter::once(exposures).chain(metrics).collect()
}

/// Returns into how many slices a table is cut for one to stay in a processor's cache with what is added up for it.
fn slices(table: &ExposureTable) -> u64 {
    (table.exposures().len() as u64)
        .div_ceil(SLICE_IDENTITIES)
        .next_power_of_two()
}

/// The exposed identities of a range of hashes.
struct Pass {
    range: HashRange,
    table: ExposureTable,
    rows_scanned: u64,
}

/// Calls `visit` with the exposed identities, in one pass when at most `limit` of them are exposed, otherwise in as many
/// as it takes, in the order of the hashes. The numbers of a variant never change from one pass to the next.
fn for_each_pass(
    rows: &Rows<'_>,
    limit: usize,
    variants: &mut Variants,
    mut visit: impl FnMut(&Variants, Pass) -> Result<()>,
) -> Result<()> {
    let mut ranges = vec![HashRange::ALL];
    while let Some(range) = ranges.pop() {
        let collector = Collector::new(range, limit.max(MIN_PASS_IDENTITIES));
        let mut sink = ExposureSink {
            window: rows.window(),
            collector,
            variants,
            dictionary: None,
            rows_scanned: 0,
            overflow: false,
        };
        rows.visit(&[0], range, 1, &mut sink)?;
        let (overflow, rows_scanned) = (sink.overflow, sink.rows_scanned);
        let finished = if overflow {
            Err(TooMany)
        } else {
            sink.collector.finish()
        };
        match (finished, range.halves()) {
            (Ok(table), _) => visit(
                variants,
                Pass {
                    range,
                    table,
                    rows_scanned,
                },
            )?,
            (Err(TooMany), Some((lower, upper))) => ranges.extend([upper, lower]),
            (Err(TooMany), None) => unreachable!("a collector whose range cannot be halved has no limit"),
        }
    }
    Ok(())
}

/// Collects exposures.
struct ExposureSink<'a> {
    window: Window<'a>,
    collector: Collector,
    variants: &'a mut Variants,
    /// The dictionary of the last batch, and the variants of its entries as far as they were needed.
    dictionary: Option<(ArrayRef, Vec<Option<u32>>)>,
    rows_scanned: u64,
    /// There are more identities than the collector may hold; the rest is ignored.
    overflow: bool,
}

impl RowSink for ExposureSink<'_> {
    fn columns(&self, _selector: usize) -> Vec<Column> {
        vec![
            Column::IdentifierHashHigh,
            Column::IdentifierHashLow,
            Column::Timestamp,
            Column::Value,
        ]
    }

    fn batch(&mut self, _selector: usize, batch: &RecordBatch) -> Result<()> {
        if self.overflow {
            return Ok(());
        }
        self.rows_scanned += batch.num_rows() as u64;
        let high = integers(batch, Column::IdentifierHashHigh);
        let low = integers(batch, Column::IdentifierHashLow);
        let timestamps = times(batch, Column::Timestamp);
        let values = texts(batch, Column::Value);
        let (dictionary, mut known) = match self.dictionary.take() {
            Some((dictionary, known)) if Arc::ptr_eq(&dictionary, values.values()) => (dictionary, known),
            _ => (Arc::clone(values.values()), vec![None; values.values().len()]),
        };
        for (row, ((&high, &low), &timestamp_ms)) in high.iter().zip(low).zip(timestamps).enumerate() {
            // A hash of 0 stands for no identifier.
            if (high, low) == (0, 0) || !self.window.contains(timestamp_ms) {
                continue;
            }
            let Some(key) = values.key(row) else { continue };
            let variant = match known[key] {
                Some(variant) => variant,
                None => *known[key].insert(self.variants.number(text(values, row).unwrap_or_default())?),
            };
            if self.collector.add(high, low, timestamp_ms, variant).is_err() {
                self.overflow = true;
                break;
            }
        }
        self.dictionary = Some((dictionary, known));
        Ok(())
    }

    fn tail_row(&mut self, _selector: usize, row: &TailRow) -> Result<()> {
        self.rows_scanned += 1;
        if let (false, false, Some(value)) = (self.overflow, row.identifier_hash == 0, &row.value) {
            let (high, low) = row.identity();
            let variant = self.variants.number(value)?;
            self.overflow = self.collector.add(high, low, row.timestamp_ms, variant).is_err();
        }
        Ok(())
    }
}
