//! The numbers of each identity.

use std::ops::Range;

use arrow_array::RecordBatch;

use super::exposure_table::{Exposure, ExposureTable};
use super::plan::{MetricPlan, NumberPlan, Plan};
use super::rows::{RowSink, TailRow, Window};
use super::sums::CompensatedSum;
use crate::columnar::part::{integers, numbers, times};
use crate::columnar::schema::Column;
use crate::error::Result;
use crate::metric::Aggregation;

/// Rows that are looked up before any of them is added.
const CHUNK_ROWS: usize = 1_024;

/// What each identity of a table did, source by source.
#[derive(Debug)]
pub(crate) struct Accumulators<'a> {
    table: &'a ExposureTable,
    /// The time whose events count; it reaches back as far as any source.
    window: Window<'a>,
    /// The number of the selector of the first event.
    first_selector: usize,
    /// The sources of each event.
    sources_of: Vec<Vec<usize>>,
    sources: Vec<SourceAccumulators>,
}

/// One number of each kind for each identity, and one behind them for everybody who was not exposed; empty where no
/// metric needs it.
#[derive(Debug)]
struct SourceAccumulators {
    period: Range<i64>,
    counts: Vec<u64>,
    sums: Vec<CompensatedSum>,
}

impl<'a> Accumulators<'a> {
    pub(crate) fn new(
        table: &'a ExposureTable,
        window: Window<'a>,
        first_selector: usize,
        plan: &Plan,
    ) -> Self {
        let identities = table.exposures().len();
        let length = |needed: bool| if needed { identities + 1 } else { 0 };
        let mut sources_of = vec![Vec::new(); plan.events.len()];
        let mut sources = Vec::with_capacity(plan.sources.len());
        for (at, source) in plan.sources.iter().enumerate() {
            sources_of[source.event].push(at);
            sources.push(SourceAccumulators {
                period: source.period.clone(),
                counts: vec![0; length(source.needs_counts)],
                sums: vec![CompensatedSum::default(); length(source.needs_sums)],
            });
        }
        Self {
            table,
            window,
            first_selector,
            sources_of,
            sources,
        }
    }

    /// Narrows the time whose events are added next.
    pub(crate) fn set_window(&mut self, window: Window<'a>) {
        self.window = window;
    }

    /// Calls `visit` with the place and the variant of each identity that counts for a metric: that saw one variant, was
    /// exposed before `until_ms`, and for long enough by then. They come in the order of their hashes, so that what is added up does not
    /// depend on the order of the events' files.
    pub(crate) fn for_each_identity(
        &self,
        metric: &MetricPlan,
        until_ms: i64,
        visit: impl FnMut(usize, usize),
    ) {
        for_each_identity(self.table.exposures(), metric, until_ms, visit);
    }

    /// Returns a number of an identity, not capped.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an identity has fewer than 2^53 events"
    )]
    pub(crate) fn number(&self, plan: &NumberPlan, identity: usize) -> f64 {
        let source = &self.sources[plan.source];
        match plan.aggregation {
            Aggregation::Count => source.counts[identity] as f64,
            Aggregation::Occurrence => f64::from(u8::from(source.counts[identity] > 0)),
            Aggregation::Sum => source.sums[identity].value(),
            Aggregation::Mean if source.counts[identity] == 0 => 0.0,
            Aggregation::Mean => source.sums[identity].value() / source.counts[identity] as f64,
        }
    }
}

impl RowSink for Accumulators<'_> {
    fn window(&self) -> Window<'_> {
        self.window
    }

    fn columns(&self, selector: usize) -> Vec<Column> {
        let mut columns = vec![
            Column::IdentifierHashHigh,
            Column::IdentifierHashLow,
            Column::Timestamp,
        ];
        let sources = &self.sources_of[selector - self.first_selector];
        if sources
            .iter()
            .any(|&source| !self.sources[source].sums.is_empty())
        {
            columns.push(Column::NumericValue);
        }
        columns
    }

    fn batch(&mut self, selector: usize, batch: &RecordBatch) -> Result<()> {
        let high = integers(batch, Column::IdentifierHashHigh);
        let low = integers(batch, Column::IdentifierHashLow);
        let timestamps = times(batch, Column::Timestamp);
        let (mut positions, mut first) = ([0; CHUNK_ROWS], [0_i64; CHUNK_ROWS]);
        let mut counted = [false; CHUNK_ROWS];
        for start in (0..batch.num_rows()).step_by(CHUNK_ROWS) {
            let rows = start..batch.num_rows().min(start + CHUNK_ROWS);
            // Step by step over a few rows, so that no step waits for a guess about another.
            for (at, row) in rows.clone().enumerate() {
                (positions[at], first[at]) = self.table.find(high[row], low[row]);
            }
            for &source in &self.sources_of[selector - self.first_selector] {
                let source = &mut self.sources[source];
                for (at, &timestamp_ms) in timestamps[rows.clone()].iter().enumerate() {
                    counted[at] = source.period.contains(&(timestamp_ms - first[at]))
                        & self.window.contains(timestamp_ms);
                }
                if !source.counts.is_empty() {
                    for at in 0..rows.len() {
                        source.counts[positions[at]] += u64::from(counted[at]);
                    }
                }
                if !source.sums.is_empty() {
                    for (at, &value) in numbers(batch)[rows.clone()].iter().enumerate() {
                        source.sums[positions[at]].add(if counted[at] { value } else { 0.0 });
                    }
                }
            }
        }
        Ok(())
    }

    fn tail_row(&mut self, selector: usize, row: &TailRow) -> Result<()> {
        let (high, low) = row.identity();
        let (position, first_ms) = self.table.find(high, low);
        for &source in &self.sources_of[selector - self.first_selector] {
            let source = &mut self.sources[source];
            if !source.period.contains(&(row.timestamp_ms - first_ms)) {
                continue;
            }
            if let Some(count) = source.counts.get_mut(position) {
                *count += 1;
            }
            if let Some(sum) = source.sums.get_mut(position) {
                sum.add(row.numeric_value);
            }
        }
        Ok(())
    }
}

/// See [`Accumulators::for_each_identity`].
pub(crate) fn for_each_identity(
    exposures: &[Exposure],
    metric: &MetricPlan,
    until_ms: i64,
    mut visit: impl FnMut(usize, usize),
) {
    for (identity, exposure) in exposures.iter().enumerate() {
        if let Some(variant) = exposure.variant()
            && metric.counts(exposure.first_ms, until_ms)
        {
            visit(identity, variant);
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
