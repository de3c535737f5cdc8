//! Events as sorted, deduplicated record batches.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};

use super::schema::WRITE_SCHEMA;
use crate::error::{EventsError, Result};
use crate::event::{EventView, identifier_hash};
use crate::layout::day_of;
use crate::number::numeric_value;

/// Rows in one record batch.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// An event with everything that is computed from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub event: EventView<'a>,
    pub day: i32,
    pub identifier_hash: u128,
    pub fingerprint: u128,
}

impl<'a> Row<'a> {
    pub(crate) fn new(event: EventView<'a>) -> Self {
        Self {
            event,
            day: day_of(event.timestamp_ms),
            identifier_hash: identifier_hash(event.identifier),
            fingerprint: event.fingerprint(),
        }
    }

    /// The partition of the row.
    pub(crate) fn partition(&self) -> (&'a str, i32) {
        (self.event.environment_key, self.day)
    }

    /// The order by partition, then within a file: the rows of one event and feature together, in them those of one
    /// identity, in time.
    fn order(&self, other: &Self) -> Ordering {
        self.partition()
            .cmp(&other.partition())
            .then_with(|| self.event.event.cmp(other.event.event))
            .then_with(|| self.event.feature_name.cmp(&other.event.feature_name))
            .then_with(|| self.identifier_hash.cmp(&other.identifier_hash))
            .then_with(|| self.event.timestamp_ms.cmp(&other.event.timestamp_ms))
            .then_with(|| self.fingerprint.cmp(&other.fingerprint))
    }
}

/// Sorts rows by partition and by the order of the files, and keeps one of each fingerprint (the first given).
pub(crate) fn sort_rows(rows: &mut Vec<Row<'_>>) {
    rows.sort_by(Row::order);
    // Whatever the order compares is part of the fingerprint, so equal fingerprints lie side by side.
    rows.dedup_by_key(|row| row.fingerprint);
}

/// Returns rows as one record batch.
pub(crate) fn record_batch(rows: &[Row<'_>]) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> = vec![
        required(rows, |event| event.environment_key),
        required(rows, |event| event.event),
        optional(rows, |event| event.feature_name),
        optional(rows, |event| event.identifier),
        optional(rows, |event| event.value),
        required(rows, |event| event.traits),
        required(rows, |event| event.metadata),
        Arc::new(TimestampMillisecondArray::from_iter_values(
            rows.iter().map(|row| row.event.timestamp_ms),
        )),
        Arc::new(TimestampMillisecondArray::from_iter_values(
            rows.iter().map(|row| row.event.collected_at_ms),
        )),
        required(rows, |event| event.sdk_language),
        required(rows, |event| event.sdk_version),
        integers(rows, |row| high(row.identifier_hash)),
        integers(rows, |row| low(row.identifier_hash)),
        integers(rows, |row| high(row.fingerprint)),
        integers(rows, |row| low(row.fingerprint)),
        Arc::new(Float64Array::from_iter_values(
            rows.iter().map(|row| numeric_value(row.event.value)),
        )),
    ];
    RecordBatch::try_new(Arc::clone(&WRITE_SCHEMA), columns).map_err(|error| EventsError::Internal {
        reason: format!("a record batch of events: {error}"),
    })
}

fn required<'a>(rows: &[Row<'a>], field: impl Fn(&EventView<'a>) -> &'a str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(
        rows.iter().map(|row| field(&row.event)),
    ))
}

fn optional<'a>(rows: &[Row<'a>], field: impl Fn(&EventView<'a>) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(|row| field(&row.event)).collect::<StringArray>())
}

fn integers(rows: &[Row<'_>], field: impl Fn(&Row<'_>) -> u64) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(rows.iter().map(field)))
}

/// The upper half of a 128-bit hash.
pub(crate) fn high(hash: u128) -> u64 {
    (hash >> 64) as u64
}

/// The lower half of a 128-bit hash.
#[expect(clippy::cast_possible_truncation, reason = "the half that is wanted")]
pub(crate) fn low(hash: u128) -> u64 {
    hash as u64
}

/// Two halves as a 128-bit hash.
pub(crate) fn join(high: u64, low: u64) -> u128 {
    (u128::from(high) << 64) | u128::from(low)
}

/// Returns the text of a column at a row, `None` for null.
pub(crate) fn text_at(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}
