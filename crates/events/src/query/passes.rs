//! The exposed identities, in as many passes as the memory asks for.

use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, RecordBatch};

use super::exposure_table::{Collector, ExposureTable, TooMany, Variants};
use super::hash_range::HashRange;
use super::rows::{RowSink, Rows, TailRow, Window};
use crate::columnar::part::{integers, text, texts, times};
use crate::columnar::schema::Column;
use crate::error::Result;

/// Identities in one pass at least, however little memory is allowed.
const MIN_PASS_IDENTITIES: usize = 1_024;

/// The exposed identities of a range of hashes.
pub(crate) struct Pass {
    pub range: HashRange,
    pub table: ExposureTable,
    pub rows_scanned: u64,
}

/// Calls `visit` with the identities exposed in the window, in one pass when at most `limit` of them are exposed, otherwise in as many
/// as it takes, in the order of the hashes. The numbers of a variant never change from one pass to the next.
pub(crate) fn for_each_pass(
    rows: &Rows<'_>,
    window: Window<'_>,
    limit: usize,
    variants: &mut Variants,
    mut visit: impl FnMut(&Variants, Pass) -> Result<()>,
) -> Result<()> {
    let mut ranges = vec![HashRange::ALL];
    while let Some(range) = ranges.pop() {
        let collector = Collector::new(range, limit.max(MIN_PASS_IDENTITIES));
        let mut sink = ExposureSink {
            window,
            collector,
            variants,
            dictionary: None,
            overflow: false,
        };
        let rows_scanned = rows.visit(&[0], range, 1, &mut sink)?;
        let finished = if sink.overflow {
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
    /// There are more identities than the collector may hold; the rest is ignored.
    overflow: bool,
}

impl RowSink for ExposureSink<'_> {
    fn window(&self) -> Window<'_> {
        self.window
    }

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
        if let (false, false, Some(value)) = (self.overflow, row.identifier_hash == 0, &row.value) {
            let (high, low) = row.identity();
            let variant = self.variants.number(value)?;
            self.overflow = self.collector.add(high, low, row.timestamp_ms, variant).is_err();
        }
        Ok(())
    }
}
