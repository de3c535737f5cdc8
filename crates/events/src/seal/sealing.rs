//! Closed segments to Parquet files.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tracing::{error, info, warn};

use super::Sealer;
use crate::columnar::batch::{BATCH_ROWS, Row, record_batch, sort_rows};
use crate::columnar::part::{Part, integers};
use crate::columnar::part_writer::{PartKey, write_part};
use crate::columnar::schema::Column;
use crate::error::{EventsError, Result};
use crate::fingerprints::Fingerprints;
use crate::log::recovery::set_aside;
use crate::log::segment::{self, Entries, Entry};
use crate::manifest::{Manifest, PartEntry};
use crate::state::Segment;

impl Sealer {
    /// Seals the closed segments, oldest first, as many at once as the memory allows.
    pub(super) fn seal_closed(&mut self) -> Result<()> {
        loop {
            let mut bytes = 0;
            let mut taken = Vec::new();
            for segment in &self.state.lock().closed {
                bytes += segment.bytes;
                if !taken.is_empty() && bytes > self.segment_bytes {
                    break;
                }
                taken.push(segment.clone());
            }
            if taken.is_empty() {
                return Ok(());
            }
            self.seal_segments(&taken)?;
        }
    }

    fn seal_segments(&mut self, segments: &[Segment]) -> Result<()> {
        let contents = self.read_segments(segments)?;
        let mut rows = Vec::new();
        let mut damaged = Vec::new();
        for (segment, bytes) in segments.iter().zip(&contents) {
            if !collect_rows(segment.id, bytes, &mut rows) {
                damaged.push(segment.id);
            }
        }
        let received = rows.len();
        sort_rows(&mut rows);

        let mut manifest = Manifest::clone(&self.state.lock().manifest);
        manifest.seals += 1;
        manifest.sealed_through = segments
            .iter()
            .map(|segment| segment.id)
            .max()
            .unwrap_or(manifest.sealed_through);
        let mut new_parts = Vec::new();
        for partition in rows.chunk_by(|a, b| a.partition() == b.partition()) {
            match self.seal_partition(&manifest, partition) {
                Ok(part) => new_parts.extend(part),
                Err(failure) => {
                    self.discard(&new_parts);
                    return Err(failure);
                }
            }
        }
        let sealed: u64 = new_parts.iter().map(|part: &PartEntry| part.rows).sum();
        manifest.parts.extend(new_parts.iter().cloned());
        self.commit(manifest, &new_parts)?;
        info!(segments = segments.len(), received, sealed, "events were sealed");
        self.remove_segments(segments, &damaged);
        Ok(())
    }

    fn read_segments(&self, segments: &[Segment]) -> Result<Vec<Vec<u8>>> {
        let layout = self.state.layout();
        segments
            .iter()
            .map(|segment| segment::read(&layout.segment(segment.id), Some(segment.bytes)))
            .collect()
    }

    /// Writes the rows of one partition that it does not hold yet; `None` when it holds them all.
    fn seal_partition(&mut self, manifest: &Manifest, rows: &[Row<'_>]) -> Result<Option<PartEntry>> {
        let (environment_key, day) = rows[0].partition();
        let mut known = Fingerprints::new(rows.iter().map(|row| row.fingerprint));
        let min_ms = rows.iter().map(|row| row.event.timestamp_ms).min().unwrap_or(0);
        let max_ms = rows.iter().map(|row| row.event.timestamp_ms).max().unwrap_or(0);
        for entry in manifest.partition(environment_key, day) {
            if entry.max_timestamp_ms < min_ms || entry.min_timestamp_ms > max_ms {
                continue;
            }
            match mark_sealed(&entry.path(self.state.layout()), &mut known) {
                Ok(()) => {}
                // A damaged file must not keep every later event in the log. Questions that need it fail and say so.
                Err(failure)
                    if matches!(failure, EventsError::Corrupt { .. }) || failure.is_vanished_file() =>
                {
                    error!(error = %failure, "a file of events cannot be read; resent events in it are not recognised");
                }
                Err(failure) => return Err(failure),
            }
        }
        let new: Vec<Row<'_>> = rows
            .iter()
            .filter(|row| !known.was_seen(row.fingerprint))
            .copied()
            .collect();
        if new.is_empty() {
            return Ok(None);
        }
        let key = PartKey {
            environment_key,
            day,
            id: self.take_part_id(),
            seal: manifest.seals,
        };
        let batches = new.chunks(BATCH_ROWS).map(record_batch);
        write_part(self.disk.as_ref(), self.state.layout(), key, batches).map(Some)
    }

    /// Removes sealed segments; one that holds damage is kept for the doctor. Failing loses nothing: the manifest says
    /// that they are sealed.
    fn remove_segments(&self, segments: &[Segment], damaged: &[u64]) {
        let layout = self.state.layout();
        for segment in segments {
            let path = layout.segment(segment.id);
            let removed = if damaged.contains(&segment.id) {
                set_aside(self.disk.as_ref(), layout, segment.id)
            } else {
                self.disk
                    .remove(&path)
                    .map_err(|error| EventsError::io("removing", &path, error))
            };
            if let Err(failure) = removed {
                warn!(segment = segment.id, error = %failure, "a sealed segment of the event log was not removed");
            }
        }
    }
}

/// Marks the fingerprints that a file holds. A panic of the Parquet reader means that the file is damaged.
fn mark_sealed(path: &Path, known: &mut Fingerprints) -> Result<()> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let part = Part::open(path)?;
        part.read(
            &part.everything(),
            &[Column::FingerprintHigh, Column::FingerprintLow],
            |batch| {
                known.mark_all(
                    integers(batch, Column::FingerprintHigh),
                    integers(batch, Column::FingerprintLow),
                );
                Ok(())
            },
        )
    }));
    read.unwrap_or_else(|_| Err(EventsError::corrupt(path, "it cannot be decoded")))
}

/// Collects the valid events of a segment. Returns whether nothing in it was damaged.
fn collect_rows<'a>(id: u64, bytes: &'a [u8], rows: &mut Vec<Row<'a>>) -> bool {
    let mut sound = true;
    match Entries::new(bytes, id) {
        Ok(mut entries) => {
            for entry in &mut entries {
                match entry {
                    Entry::Event(event) => rows.push(Row::new(event)),
                    Entry::Damage { offset, bytes } => {
                        error!(
                            segment = id,
                            offset, bytes, "a damaged record of the event log cannot be sealed"
                        );
                        sound = false;
                    }
                }
            }
            if entries.end() < bytes.len() {
                let bytes = bytes.len() - entries.end();
                error!(
                    segment = id,
                    bytes, "the acknowledged end of a segment of the event log is damaged"
                );
                sound = false;
            }
        }
        Err(reason) => {
            error!(
                segment = id,
                reason, "a segment of the event log cannot be sealed"
            );
            sound = false;
        }
    }
    sound
}
