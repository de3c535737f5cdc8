//! The rows of an environment and window, sealed and unsealed, each once.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::RecordBatch;

use super::hash_range::HashRange;
use crate::columnar::batch::{high, low};
use crate::columnar::part::{Part, Selector, integers};
use crate::columnar::schema::Column;
use crate::error::Result;
use crate::event::identifier_hash;
use crate::fingerprints::Fingerprints;
use crate::layout::day_of;
use crate::number::numeric_value;
use crate::snapshot::Snapshot;

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
        self.from_ms <= timestamp_ms && timestamp_ms < self.until_ms
    }
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
}

/// Takes the rows of a window, in any order.
pub(crate) trait RowSink {
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
    selectors: &'a [Selector],
    /// The unsealed rows by day, for each selector; each event once.
    tail: BTreeMap<i32, Vec<Vec<TailRow>>>,
}

impl<'a> Rows<'a> {
    /// Reads the log's unsealed events. A selector of a feature selects rows whose value is a variant.
    pub(crate) fn new(snapshot: &'a Snapshot, window: Window<'a>, selectors: &'a [Selector]) -> Result<Self> {
        let mut tail: BTreeMap<i32, Vec<Vec<TailRow>>> = BTreeMap::new();
        snapshot.for_each_unsealed(|event| {
            if event.environment_key != window.environment_key || !window.contains(event.timestamp_ms) {
                return;
            }
            for (index, selector) in selectors.iter().enumerate() {
                let of_feature = selector
                    .feature_name
                    .as_deref()
                    .is_none_or(|wanted| event.feature_name == Some(wanted));
                if event.event != selector.event || !of_feature {
                    continue;
                }
                let day = tail
                    .entry(day_of(event.timestamp_ms))
                    .or_insert_with(|| vec![Vec::new(); selectors.len()]);
                day[index].push(TailRow {
                    identifier_hash: identifier_hash(event.identifier),
                    fingerprint: event.fingerprint(),
                    timestamp_ms: event.timestamp_ms,
                    numeric_value: numeric_value(event.value),
                    value: selector.feature_name.as_ref().and(event.value).map(str::to_owned),
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

    pub(crate) fn window(&self) -> Window<'a> {
        self.window
    }

    /// Whether none of the rows waits in the log.
    pub(crate) fn all_sealed(&self) -> bool {
        self.tail.is_empty()
    }

    /// Gives the sink every row of the selectors numbered `wanted` whose identifier hash is in the range.
    pub(crate) fn visit(&self, wanted: &[usize], range: HashRange, sink: &mut impl RowSink) -> Result<()> {
        let parts = self.snapshot.manifest.environment(self.window.environment_key);
        let in_window: Vec<_> = parts
            .iter()
            .filter(|part| {
                part.max_timestamp_ms >= self.window.from_ms && part.min_timestamp_ms < self.window.until_ms
            })
            .collect();
        let selectors: Vec<Selector> = wanted
            .iter()
            .map(|&index| self.selectors[index].clone())
            .collect();
        let days: BTreeSet<i32> = in_window
            .iter()
            .map(|part| part.day)
            .chain(self.tail.keys().copied())
            .collect();
        for day in days {
            let tail = self.tail.get(&day);
            let mut known: Vec<Fingerprints> = wanted
                .iter()
                .map(|&index| {
                    Fingerprints::new(
                        tail.iter()
                            .flat_map(|tail| &tail[index])
                            .map(|row| row.fingerprint),
                    )
                })
                .collect();
            for entry in in_window.iter().filter(|part| part.day == day) {
                let part = Part::open(&entry.path(&self.snapshot.layout))?;
                let located = part.locate(&selectors, &range.values())?;
                for ((&selector, spans), known) in wanted.iter().zip(&located).zip(&mut known) {
                    read_spans(&part, spans, selector, known, sink)?;
                }
            }
            for (&selector, known) in wanted.iter().zip(&known) {
                let rows = tail.iter().flat_map(|tail| &tail[selector]);
                for row in rows.filter(|row| !known.was_seen(row.fingerprint)) {
                    sink.tail_row(selector, row)?;
                }
            }
        }
        Ok(())
    }
}

/// Gives the sink the rows of the spans, marking those that are in the log too.
fn read_spans(
    part: &Part,
    spans: &[crate::columnar::part::Span],
    selector: usize,
    known: &mut Fingerprints,
    sink: &mut impl RowSink,
) -> Result<()> {
    let mut columns = sink.columns(selector);
    if !known.is_empty() {
        columns.extend([Column::FingerprintHigh, Column::FingerprintLow]);
    }
    part.read(spans, &columns, |batch| {
        if !known.is_empty() {
            known.mark_all(
                integers(batch, Column::FingerprintHigh),
                integers(batch, Column::FingerprintLow),
            );
        }
        sink.batch(selector, batch)
    })
}

impl TailRow {
    /// The halves of the identifier's hash.
    pub(crate) fn identity(&self) -> (u64, u64) {
        (high(self.identifier_hash), low(self.identifier_hash))
    }
}
