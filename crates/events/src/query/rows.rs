//! The rows of an environment and window, sealed and unsealed, each once.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_select::filter::filter_record_batch;

use super::attributes::{Attribute, attributes};
use super::hash_range::HashRange;
use crate::columnar::batch::{high, low};
use crate::columnar::part::{Part, Selector, SpanBatches, integers};
use crate::columnar::schema::Column;
use crate::error::{EventsError, Result};
use crate::event::identifier_hash;
use crate::fingerprints::Fingerprints;
use crate::layout::day_of;
use crate::metric::EventFilter;
use crate::number::numeric_value;
use crate::snapshot::Snapshot;

/// Files that are read side by side, each with a few pages in memory.
const MAX_OPEN_RUNS: usize = 64;

/// Which rows of an environment are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a> {
    pub environment_key: &'a str,
    /// The first millisecond.
    pub from_ms: i64,
    /// The first millisecond that is outside.
    pub until_ms: i64,
}

impl Window<'_> {
    pub(crate) fn contains(&self, timestamp_ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&timestamp_ms)
    }
}

/// The rows of one event that count.
#[derive(Clone, Debug)]
pub(crate) struct RowSelector {
    pub rows: Selector,
    pub filter: EventFilter,
    /// The members of metadata and traits that are kept of unsealed rows.
    pub dimensions: Vec<String>,
}

/// An event that is not sealed, as far as a query needs it.
#[derive(Clone, Debug)]
pub(crate) struct TailRow {
    pub identifier_hash: u128,
    pub fingerprint: u128,
    pub timestamp_ms: i64,
    pub numeric_value: f64,
    /// The event's value; kept only for selectors of a feature, whose values are variants.
    pub value: Option<String>,
    /// The members that the selector names, in its order.
    pub attributes: Vec<Attribute>,
}

/// Takes the rows of a window, in any order.
pub(crate) trait RowSink {
    /// The window, which lies in that of the rows.
    fn window(&self) -> Window<'_>;
    /// The columns that [`RowSink::batch`] needs for a selector.
    fn columns(&self, selector: usize) -> Vec<Column>;
    /// Takes rows of a selector. Rows outside the window and the hash range may be among them.
    fn batch(&mut self, selector: usize, batch: &RecordBatch) -> Result<()>;
    /// Takes a row that is not sealed. It is in the window; its hash may lie outside the hash range.
    fn tail_row(&mut self, selector: usize, row: &TailRow) -> Result<()>;
}

/// The rows of a window that some selectors select.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    snapshot: &'a Snapshot,
    window: Window<'a>,
    selectors: &'a [RowSelector],
    /// The unsealed rows by day, for each selector; each event once.
    tail: BTreeMap<i32, Vec<Vec<TailRow>>>,
}

impl<'a> Rows<'a> {
    /// Reads the log's unsealed events. A selector of a feature selects rows whose value is a variant.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        window: Window<'a>,
        selectors: &'a [RowSelector],
    ) -> Result<Self> {
        let mut tail: BTreeMap<i32, Vec<Vec<TailRow>>> = BTreeMap::new();
        snapshot.for_each_unsealed(|event| {
            if event.environment_key != window.environment_key || !window.contains(event.timestamp_ms) {
                return;
            }
            for (index, selector) in selectors.iter().enumerate() {
                let RowSelector {
                    rows,
                    filter,
                    dimensions,
                } = selector;
                let of_feature = rows
                    .feature_name
                    .as_deref()
                    .is_none_or(|wanted| event.feature_name == Some(wanted));
                if event.event != rows.event || !of_feature {
                    continue;
                }
                let number = numeric_value(event.value);
                if !filter.admits(number, event.metadata) {
                    continue;
                }
                let day = tail
                    .entry(day_of(event.timestamp_ms))
                    .or_insert_with(|| vec![Vec::new(); selectors.len()]);
                day[index].push(TailRow {
                    identifier_hash: identifier_hash(event.identifier),
                    fingerprint: event.fingerprint(),
                    timestamp_ms: event.timestamp_ms,
                    numeric_value: number,
                    value: rows.feature_name.as_ref().and(event.value).map(str::to_owned),
                    attributes: match dimensions[..] {
                        [] => Vec::new(),
                        _ => attributes(dimensions, event.metadata, event.traits),
                    },
                });
            }
        })?;
        for rows in tail.values_mut().flatten() {
            rows.sort_by_key(|row| (row.identifier_hash, row.timestamp_ms, row.fingerprint));
            rows.dedup_by_key(|row| row.fingerprint);
        }
        Ok(Self {
            snapshot,
            window,
            selectors,
            tail,
        })
    }

    /// The dimensions of a selector.
    pub(crate) fn dimensions(&self, selector: usize) -> &[String] {
        &self.selectors[selector].dimensions
    }

    /// Whether none of the rows waits in the log.
    pub(crate) fn all_sealed(&self) -> bool {
        self.tail.is_empty()
    }

    /// Gives the sink every row of the selectors numbered `wanted` whose identifier hash is in the range. Returns how many
    /// rows were looked at.
    ///
    /// Many files are read side by side, `slices` (a power of two) parts of the hashes one after the other: the rows of
    /// neighbouring hashes come together from all of them, and find what the sink has about these in the processor's
    /// cache. No row is left out when a file is not in the order of the hashes; it only comes early or late.
    pub(crate) fn visit(
        &self,
        wanted: &[usize],
        range: HashRange,
        slices: u64,
        sink: &mut impl RowSink,
    ) -> Result<u64> {
        let Window {
            from_ms, until_ms, ..
        } = sink.window();
        let mut rows_read = 0;
        let mut known: BTreeMap<(i32, usize), Fingerprints> = BTreeMap::new();
        // Files and unsealed rows of other days have nothing in this window.
        let first_day = day_of(from_ms.max(0));
        let last_day = day_of(until_ms.saturating_sub(1).max(0)).max(first_day);
        for (&day, tail) in self.tail.range(first_day..=last_day) {
            for &selector in wanted.iter().filter(|&&selector| !tail[selector].is_empty()) {
                let fingerprints = tail[selector].iter().map(|row| row.fingerprint);
                known.insert((day, selector), Fingerprints::new(fingerprints));
            }
        }
        let selectors: Vec<Selector> = wanted
            .iter()
            .map(|&index| self.selectors[index].rows.clone())
            .collect();
        let mut runs: Vec<Run<'_>> = Vec::new();
        for entry in self.snapshot.manifest.environment(self.window.environment_key) {
            if entry.max_timestamp_ms < from_ms || entry.min_timestamp_ms >= until_ms {
                continue;
            }
            let part = Arc::new(Part::open(&entry.path(&self.snapshot.layout))?);
            for (&selector, spans) in wanted.iter().zip(part.locate(&selectors, &range.values())?) {
                if spans.is_empty() {
                    continue;
                }
                let filter = &self.selectors[selector].filter;
                let mut columns = sink.columns(selector);
                columns.extend(filter.columns());
                if known.contains_key(&(entry.day, selector)) {
                    columns.extend([Column::FingerprintHigh, Column::FingerprintLow]);
                }
                let batches = Arc::clone(&part).batches(spans, columns);
                runs.push(Run {
                    day: entry.day,
                    selector,
                    filter,
                    batches,
                    unread: None,
                });
                if runs.len() == MAX_OPEN_RUNS {
                    rows_read += read_runs(std::mem::take(&mut runs), range, slices, &mut known, sink)?;
                }
            }
        }
        rows_read += read_runs(runs, range, slices, &mut known, sink)?;
        for (&(day, selector), known) in &known {
            for row in &self.tail[&day][selector] {
                let in_window = (from_ms..until_ms).contains(&row.timestamp_ms);
                if in_window && !known.was_seen(row.fingerprint) {
                    rows_read += 1;
                    sink.tail_row(selector, row)?;
                }
            }
        }
        Ok(rows_read)
    }
}

/// The rows of one selector in one file, on the way to the sink.
struct Run<'a> {
    day: i32,
    selector: usize,
    filter: &'a EventFilter,
    batches: SpanBatches,
    /// The rows of the last batch that the sink has not got.
    unread: Option<RecordBatch>,
}

/// Gives the sink all rows of the runs, slice by slice. Returns how many were looked at.
fn read_runs(
    mut runs: Vec<Run<'_>>,
    range: HashRange,
    slices: u64,
    known: &mut BTreeMap<(i32, usize), Fingerprints>,
    sink: &mut impl RowSink,
) -> Result<u64> {
    let mut rows_read = 0;
    for slice in 1..=slices {
        // The last slice takes whatever is left.
        let last_hash = (slice < slices).then(|| range.slice_end(slice, slices));
        for run in &mut runs {
            rows_read += run.advance(last_hash, known.get_mut(&(run.day, run.selector)), sink)?;
        }
    }
    Ok(rows_read)
}

impl Run<'_> {
    /// Gives the sink the next rows, up to the first whose hash is greater than `last_hash`. Returns how many were read.
    fn advance(
        &mut self,
        last_hash: Option<u64>,
        mut known: Option<&mut Fingerprints>,
        sink: &mut impl RowSink,
    ) -> Result<u64> {
        let mut rows_read = 0;
        loop {
            let batch = match self.unread.take() {
                Some(batch) => batch,
                None => match self.batches.next_batch()? {
                    Some(batch) => {
                        rows_read += batch.num_rows() as u64;
                        if let Some(known) = &mut known {
                            let column = |column: Column| integers(&batch, column);
                            known.mark_all(column(Column::FingerprintHigh), column(Column::FingerprintLow));
                        }
                        self.filtered(batch)?
                    }
                    None => return Ok(rows_read),
                },
            };
            let hashes = integers(&batch, Column::IdentifierHashHigh);
            let rows = last_hash.map_or(hashes.len(), |last| hashes.partition_point(|&hash| hash <= last));
            sink.batch(self.selector, &batch.slice(0, rows))?;
            if rows < batch.num_rows() {
                self.unread = Some(batch.slice(rows, batch.num_rows() - rows));
                return Ok(rows_read);
            }
        }
    }

    /// The rows that meet the filter.
    fn filtered(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let Some(mask) = self.filter.mask(&batch) else {
            return Ok(batch);
        };
        filter_record_batch(&batch, &mask).map_err(|error| EventsError::Internal {
            reason: format!("filtering rows: {error}"),
        })
    }
}

impl TailRow {
    /// The halves of the identifier's hash.
    pub(crate) fn identity(&self) -> (u64, u64) {
        (high(self.identifier_hash), low(self.identifier_hash))
    }
}
