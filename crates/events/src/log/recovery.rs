//! What the writer finds in the log when it opens the directory, and how it mends it.

use std::fs;
use std::time::Instant;

use tracing::{error, warn};

use super::segment::{self, Entries, Entry, HEADER_BYTES};
use crate::disk::{Disk, ensure_dir};
use crate::error::{EventsError, Result};
use crate::layout::{Layout, segment_id};
use crate::state::Segment;

/// Lists the ids of the segments in the log, ascending. A missing directory is an empty log.
pub(crate) fn list_segments(layout: &Layout) -> Result<Vec<u64>> {
    let directory = layout.log();
    let entries = match fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(EventsError::io("listing", &directory, error)),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| EventsError::io("listing", &directory, error))?;
        ids.extend(segment_id(&entry.path()));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Returns the segments that still wait to be sealed, oldest first, after removing those that were sealed, cutting off
/// torn tails and setting aside segments whose header is damaged.
pub(crate) fn recover_segments(
    disk: &dyn Disk,
    layout: &Layout,
    sealed_through: u64,
) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for id in list_segments(layout)? {
        let path = layout.segment(id);
        if id <= sealed_through {
            disk.remove(&path)
                .map_err(|error| EventsError::io("removing", &path, error))?;
            continue;
        }
        let bytes = segment::read(&path, None)?;
        if bytes.len() <= HEADER_BYTES {
            // Nothing is acknowledged before the header is durable.
            disk.remove(&path)
                .map_err(|error| EventsError::io("removing", &path, error))?;
            continue;
        }
        let mut entries = match Entries::new(&bytes, id) {
            Ok(entries) => entries,
            Err(reason) => {
                error!(
                    segment = id,
                    reason, "a segment of the event log cannot be read and is set aside"
                );
                set_aside(disk, layout, id)?;
                continue;
            }
        };
        for entry in &mut entries {
            if let Entry::Damage { offset, bytes } = entry {
                error!(
                    segment = id,
                    offset, bytes, "a record of the event log is damaged"
                );
            }
        }
        let end = entries.end();
        if end < bytes.len() {
            warn!(
                segment = id,
                bytes = bytes.len() - end,
                "a torn write is cut off the event log"
            );
            disk.truncate(&path, end as u64)
                .map_err(|error| EventsError::io("truncating", &path, error))?;
        }
        if end > HEADER_BYTES {
            segments.push(Segment {
                id,
                bytes: end as u64,
                since: Instant::now(),
            });
        } else {
            disk.remove(&path)
                .map_err(|error| EventsError::io("removing", &path, error))?;
        }
    }
    Ok(segments)
}

/// Moves a damaged segment where nothing deletes it and the doctor finds it.
pub(crate) fn set_aside(disk: &dyn Disk, layout: &Layout, id: u64) -> Result<()> {
    let directory = layout.corrupt_log();
    let from = layout.segment(id);
    ensure_dir(disk, &directory).map_err(|error| EventsError::io("creating", &directory, error))?;
    disk.rename(&from, &layout.corrupt_segment(id))
        .and_then(|()| disk.sync_dir(&directory))
        .and_then(|()| disk.sync_dir(&layout.log()))
        .map_err(|error| EventsError::io("renaming", &from, error))
}
