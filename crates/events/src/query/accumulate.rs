//! The numbers of each identity, and from them those of each variant.

use arrow_array::RecordBatch;

use super::exposure_table::{Exposure, ExposureTable};
use super::rows::{RowSink, TailRow, Window};
use crate::columnar::part::{integers, numbers, times};
use crate::columnar::schema::Column;
use crate::error::Result;
use crate::store::{Aggregation, MetricQuery, VariantStatistics};

/// Rows that are looked up before any of them is added.
const CHUNK_ROWS: usize = 1_024;

/// A sum whose rounding errors are collected beside it.
///
/// # Source
/// The sum of Kahan and Babuska in the form of Neumaier (1974), "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", the error of each addition by Knuth's two-sum, which needs no comparison. Exact for integers whose
/// partial sums stay below 2^53, and in practice independent of the order otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CompensatedSum {
    sum: f64,
    compensation: f64,
}

impl CompensatedSum {
    pub(crate) fn add(&mut self, value: f64) {
        let total = self.sum + value;
        let added = total - self.sum;
        self.compensation += (self.sum - (total - added)) + (value - added);
        self.sum = total;
    }

    pub(crate) fn value(self) -> f64 {
        // When the sum has overflowed the compensation means nothing.
        if self.compensation.is_finite() {
            self.sum + self.compensation
        } else {
            self.sum
        }
    }
}

/// The events of one name, for all metrics that are computed from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MetricEvent {
    pub event: String,
    needs_counts: bool,
    needs_sums: bool,
}

/// Returns the different events of the metrics, and for each metric the position of its event.
pub(crate) fn metric_events(metrics: &[MetricQuery]) -> (Vec<MetricEvent>, Vec<usize>) {
    let mut events: Vec<MetricEvent> = Vec::new();
    let mut positions = Vec::with_capacity(metrics.len());
    for metric in metrics {
        let position = events
            .iter()
            .position(|event| event.event == metric.event)
            .unwrap_or_else(|| {
                events.push(MetricEvent {
                    event: metric.event.clone(),
                    needs_counts: false,
                    needs_sums: false,
                });
                events.len() - 1
            });
        events[position].needs_counts |= metric.aggregation != Aggregation::Sum;
        events[position].needs_sums |= matches!(metric.aggregation, Aggregation::Sum | Aggregation::Mean);
        positions.push(position);
    }
    (events, positions)
}

impl MetricEvent {
    /// The bytes that one identity takes.
    pub(crate) fn identity_bytes(&self) -> usize {
        let bytes = |needed: bool, bytes: usize| if needed { bytes } else { 0 };
        bytes(self.needs_counts, size_of::<u64>()) + bytes(self.needs_sums, size_of::<CompensatedSum>())
    }
}

/// What each identity of a table did, event by event.
#[derive(Debug)]
pub(crate) struct Accumulators<'a> {
    table: &'a ExposureTable,
    window: Window<'a>,
    /// The number of the selector of the first event.
    first_selector: usize,
    events: Vec<EventAccumulators>,
    rows_scanned: u64,
}

/// One number of each kind for each identity, and one behind them for everybody who was not exposed; empty where no
/// metric needs it.
#[derive(Debug)]
struct EventAccumulators {
    counts: Vec<u64>,
    sums: Vec<CompensatedSum>,
}

impl<'a> Accumulators<'a> {
    pub(crate) fn new(
        table: &'a ExposureTable,
        window: Window<'a>,
        first_selector: usize,
        events: &[MetricEvent],
    ) -> Self {
        let identities = table.exposures().len();
        let length = |needed: bool| if needed { identities + 1 } else { 0 };
        let events = events
            .iter()
            .map(|event| EventAccumulators {
                counts: vec![0; length(event.needs_counts)],
                sums: vec![CompensatedSum::default(); length(event.needs_sums)],
            })
            .collect();
        Self {
            table,
            window,
            first_selector,
            events,
            rows_scanned: 0,
        }
    }

    pub(crate) fn rows_scanned(&self) -> u64 {
        self.rows_scanned
    }

    /// Adds the numbers of the identities to those of their variants: `statistics[metric][variant]`. The identities are
    /// taken in the order of their hashes, so that the result does not depend on the order of the events' files.
    pub(crate) fn add_to(
        &self,
        metrics: &[MetricQuery],
        positions: &[usize],
        statistics: &mut [Vec<VariantSums>],
    ) {
        for ((metric, &position), variants) in metrics.iter().zip(positions).zip(statistics) {
            let event = &self.events[position];
            for (identity, exposure) in self.table.exposures().iter().enumerate() {
                if let Some(variant) = exposure.variant() {
                    variants[variant].add(event.number(metric.aggregation, identity));
                }
            }
        }
    }
}

impl EventAccumulators {
    /// Returns the number of an identity.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an identity has fewer than 2^53 events"
    )]
    fn number(&self, aggregation: Aggregation, identity: usize) -> f64 {
        match aggregation {
            Aggregation::Count => self.counts[identity] as f64,
            Aggregation::Occurrence => f64::from(u8::from(self.counts[identity] > 0)),
            Aggregation::Sum => self.sums[identity].value(),
            Aggregation::Mean if self.counts[identity] == 0 => 0.0,
            Aggregation::Mean => self.sums[identity].value() / self.counts[identity] as f64,
        }
    }
}

impl RowSink for Accumulators<'_> {
    fn columns(&self, selector: usize) -> Vec<Column> {
        let mut columns = vec![
            Column::IdentifierHashHigh,
            Column::IdentifierHashLow,
            Column::Timestamp,
        ];
        if !self.events[selector - self.first_selector].sums.is_empty() {
            columns.push(Column::NumericValue);
        }
        columns
    }

    fn batch(&mut self, selector: usize, batch: &RecordBatch) -> Result<()> {
        self.rows_scanned += batch.num_rows() as u64;
        let high = integers(batch, Column::IdentifierHashHigh);
        let low = integers(batch, Column::IdentifierHashLow);
        let timestamps = times(batch, Column::Timestamp);
        let event = &mut self.events[selector - self.first_selector];
        let (mut positions, mut counted) = ([0; CHUNK_ROWS], [false; CHUNK_ROWS]);
        for start in (0..batch.num_rows()).step_by(CHUNK_ROWS) {
            let rows = start..batch.num_rows().min(start + CHUNK_ROWS);
            // Step by step over a few rows, so that no step waits for a guess about another.
            for (at, row) in rows.clone().enumerate() {
                let (position, first_ms) = self.table.find(high[row], low[row]);
                positions[at] = position;
                counted[at] = (timestamps[row] >= first_ms) & self.window.contains(timestamps[row]);
            }
            if !event.counts.is_empty() {
                for at in 0..rows.len() {
                    event.counts[positions[at]] += u64::from(counted[at]);
                }
            }
            if !event.sums.is_empty() {
                for (at, &value) in numbers(batch)[rows].iter().enumerate() {
                    event.sums[positions[at]].add(if counted[at] { value } else { 0.0 });
                }
            }
        }
        Ok(())
    }

    fn tail_row(&mut self, selector: usize, row: &TailRow) -> Result<()> {
        self.rows_scanned += 1;
        let (high, low) = row.identity();
        let (position, first_ms) = self.table.find(high, low);
        if row.timestamp_ms >= first_ms {
            let event = &mut self.events[selector - self.first_selector];
            if let Some(count) = event.counts.get_mut(position) {
                *count += 1;
            }
            if let Some(sum) = event.sums.get_mut(position) {
                sum.add(row.numeric_value);
            }
        }
        Ok(())
    }
}

/// The running sums of one metric and variant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VariantSums {
    n: u64,
    sum: CompensatedSum,
    sum_squares: CompensatedSum,
}

impl VariantSums {
    fn add(&mut self, number: f64) {
        self.n += 1;
        if number != 0.0 {
            self.sum.add(number);
            self.sum_squares.add(number * number);
        }
    }

    pub(crate) fn finish(self) -> VariantStatistics {
        VariantStatistics {
            n: self.n,
            sum: self.sum.value(),
            sum_squares: self.sum_squares.value(),
        }
    }
}

/// Counts the identities of each variant and those that saw several.
pub(crate) fn count_identities(exposures: &[Exposure], identities: &mut [u64], quarantined: &mut u64) {
    for exposure in exposures {
        match exposure.variant() {
            Some(variant) => identities[variant] += 1,
            None => *quarantined += 1,
        }
    }
}
