//! Several Parquet files of a partition to one.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampMillisecondType, UInt64Type};
use arrow_array::{RecordBatch, StringArray};
use arrow_select::interleave::interleave_record_batch;
use tracing::{error, info};

use super::Sealer;
use crate::columnar::batch::{BATCH_ROWS, join, text_at};
use crate::columnar::part::Part;
use crate::columnar::part_writer::{PartKey, write_part};
use crate::columnar::schema::Column;
use crate::error::{EventsError, Result};
use crate::manifest::{Manifest, PartEntry};

/// So many parts of about the same size are merged.
const PARTS_PER_LEVEL: usize = 4;

/// The rows of the smallest level; each level holds [`PARTS_PER_LEVEL`] times the rows of the one below.
const LEVEL_ROWS: u64 = 16_384;

/// A partition that so many seals have not added to is merged into one part.
const SETTLED_SEALS: u64 = 12;

/// Rows that each input holds in memory while merging.
const INPUT_ROWS: usize = 4_096;

impl Sealer {
    /// Merges the parts of every partition that calls for it: four of about the same size, or a partition that is no
    /// longer added to. With `fully`, every partition becomes one part.
    ///
    /// A partition whose files cannot be read is reported and left as it is.
    pub(super) fn compact(&mut self, fully: bool) -> Result<()> {
        let manifest = std::sync::Arc::clone(&self.state.lock().manifest);
        for partition in manifest.partitions() {
            let chosen = if fully {
                partition.to_vec()
            } else {
                choose(partition, manifest.seals)
            };
            if chosen.len() < 2 {
                continue;
            }
            // A panic of the Parquet reader means that a file is damaged.
            let merged = catch_unwind(AssertUnwindSafe(|| self.merge(&chosen))).unwrap_or_else(|_| {
                Err(EventsError::corrupt(
                    &chosen[0].path(self.state.layout()),
                    "it cannot be decoded",
                ))
            });
            match merged {
                Err(failure)
                    if matches!(failure, EventsError::Corrupt { .. }) || failure.is_vanished_file() =>
                {
                    error!(error = %failure, "files of events could not be merged");
                }
                outcome => outcome?,
            }
        }
        Ok(())
    }

    fn merge(&mut self, parts: &[PartEntry]) -> Result<()> {
        let (environment_key, day) = (parts[0].environment_key.as_str(), parts[0].day);
        let mut inputs = BinaryHeap::new();
        for part in parts {
            let rows = Part::open_rows(&part.path(self.state.layout()))?.into_rows(INPUT_ROWS)?;
            inputs.extend(Input::start(Box::new(rows))?);
        }
        let seal = parts.iter().map(|part| part.seal).max().unwrap_or(0);
        let key = PartKey {
            environment_key,
            day,
            id: self.take_part_id(),
            seal,
        };
        let merged = write_part(self.disk.as_ref(), self.state.layout(), key, Merge { inputs })?;
        let rows: u64 = parts.iter().map(|part| part.rows).sum();
        if merged.rows != rows {
            self.discard(std::slice::from_ref(&merged));
            let path = parts[0].path(self.state.layout());
            return Err(EventsError::corrupt(
                &path,
                &format!("{} rows became {} when merged", rows, merged.rows),
            ));
        }
        let mut manifest = Manifest::clone(&self.state.lock().manifest);
        manifest.parts.retain(|part| !parts.contains(part));
        manifest.parts.push(merged.clone());
        self.commit(manifest, &[merged])?;
        info!(parts = parts.len(), rows, "files of events were merged");
        self.discard(parts);
        Ok(())
    }
}

/// Chooses the parts of a partition to merge: everything up to the first level that is full, or everything when the
/// partition has settled.
fn choose(partition: &[PartEntry], seals: u64) -> Vec<PartEntry> {
    if partition.iter().all(|part| part.seal + SETTLED_SEALS <= seals) {
        return partition.to_vec();
    }
    let level = |part: &PartEntry| {
        (part.rows / LEVEL_ROWS)
            .checked_ilog(PARTS_PER_LEVEL as u64)
            .map_or(0, |log| log + 1)
    };
    let highest = partition.iter().map(level).max().unwrap_or(0);
    let full = (0..=highest)
        .find(|&wanted| partition.iter().filter(|part| level(part) == wanted).count() >= PARTS_PER_LEVEL);
    match full {
        Some(full) => partition
            .iter()
            .filter(|part| level(part) <= full)
            .cloned()
            .collect(),
        None => Vec::new(),
    }
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch>>>;

/// The next row of one of the files that are merged.
struct Input {
    batches: Batches,
    batch: RecordBatch,
    events: StringArray,
    features: StringArray,
    row: usize,
}

impl Input {
    /// Returns the input at its first row, `None` when it has none.
    fn start(mut batches: Batches) -> Result<Option<Self>> {
        for batch in batches.by_ref() {
            let batch = batch?;
            if batch.num_rows() > 0 {
                let (events, features) = names(&batch);
                return Ok(Some(Self {
                    batches,
                    batch,
                    events,
                    features,
                    row: 0,
                }));
            }
        }
        Ok(None)
    }

    fn hash(&self, upper: Column, lower: Column) -> u128 {
        let half = |column: Column| {
            self.batch
                .column(column.index())
                .as_primitive::<UInt64Type>()
                .value(self.row)
        };
        join(half(upper), half(lower))
    }

    fn timestamp_ms(&self) -> i64 {
        self.batch
            .column(Column::Timestamp.index())
            .as_primitive::<TimestampMillisecondType>()
            .value(self.row)
    }
}

fn names(batch: &RecordBatch) -> (StringArray, StringArray) {
    let column = |column: Column| batch.column(column.index()).as_string::<i32>().clone();
    (column(Column::Event), column(Column::FeatureName))
}

impl Ord for Input {
    /// The order of the files, reversed because the heap gives its greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        let identity = |input: &Self| input.hash(Column::IdentifierHashHigh, Column::IdentifierHashLow);
        let fingerprint = |input: &Self| input.hash(Column::FingerprintHigh, Column::FingerprintLow);
        self.events
            .value(self.row)
            .cmp(other.events.value(other.row))
            .then_with(|| text_at(&self.features, self.row).cmp(&text_at(&other.features, other.row)))
            .then_with(|| identity(self).cmp(&identity(other)))
            .then_with(|| self.timestamp_ms().cmp(&other.timestamp_ms()))
            .then_with(|| fingerprint(self).cmp(&fingerprint(other)))
            .reverse()
    }
}

impl PartialOrd for Input {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Input {}

/// The rows of all inputs in the order of the files.
struct Merge {
    inputs: BinaryHeap<Input>,
}

impl Merge {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut sources: Vec<RecordBatch> = Vec::new();
        let mut rows: Vec<(usize, usize)> = Vec::with_capacity(BATCH_ROWS);
        while rows.len() < BATCH_ROWS {
            let Some(mut input) = self.inputs.peek_mut() else {
                break;
            };
            let column = input.batch.column(0);
            let source = sources
                .iter()
                .position(|source| std::sync::Arc::ptr_eq(source.column(0), column));
            let source = source.unwrap_or_else(|| {
                sources.push(input.batch.clone());
                sources.len() - 1
            });
            rows.push((source, input.row));
            if input.row + 1 < input.batch.num_rows() {
                input.row += 1;
                continue;
            }
            match input.batches.next().transpose()? {
                Some(batch) => {
                    (input.events, input.features) = names(&batch);
                    input.batch = batch;
                    input.row = 0;
                }
                None => {
                    PeekMut::pop(input);
                }
            }
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let sources: Vec<&RecordBatch> = sources.iter().collect();
        let merged = interleave_record_batch(&sources, &rows);
        merged.map(Some).map_err(|error| EventsError::Internal {
            reason: format!("merging events: {error}"),
        })
    }
}

impl Iterator for Merge {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().transpose()
    }
}
