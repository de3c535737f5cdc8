//! The files that hold the events at one moment, and how to go on when they are replaced meanwhile.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tracing::error;

use crate::error::{EventsError, Result};
use crate::event::EventView;
use crate::layout::Layout;
use crate::log::recovery::list_segments;
use crate::log::segment::{self, Entries, Entry, HEADER_BYTES};
use crate::manifest::Manifest;
use crate::state::SharedState;

/// How often a question starts anew because a file it needed was replaced.
const MAX_ATTEMPTS: usize = 5;

/// The files that hold every event once, or twice where a resent event is in the log and in a part.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub layout: Layout,
    pub manifest: Arc<Manifest>,
    /// The segments that are not in the manifest's parts, oldest first.
    pub segments: Vec<SegmentView>,
}

/// A segment of the log that waits to be sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentView {
    pub id: u64,
    /// The acknowledged bytes; `None` reads as far as there are valid records.
    pub bytes: Option<u64>,
}

/// Where snapshots come from.
pub(crate) trait SnapshotSource: fmt::Debug + Send + Sync + 'static {
    fn snapshot(&self) -> Result<Snapshot>;
}

impl SnapshotSource for SharedState {
    fn snapshot(&self) -> Result<Snapshot> {
        Ok(SharedState::snapshot(self))
    }
}

impl SnapshotSource for Layout {
    /// Reads the directory, which another process may be changing. The segments are listed before the manifest is read:
    /// a segment sealed in between is then in the manifest, and one that is gone makes the reader start anew.
    fn snapshot(&self) -> Result<Snapshot> {
        let listed = list_segments(self)?;
        let manifest = Manifest::load(self)?;
        let live = listed.into_iter().filter(|&id| id > manifest.sealed_through);
        let segments = live.map(|id| SegmentView { id, bytes: None }).collect();
        Ok(Snapshot {
            layout: self.clone(),
            manifest: Arc::new(manifest),
            segments,
        })
    }
}

/// Answers a question from a snapshot, taking a new one when a file was replaced before it was opened.
pub(crate) fn with_snapshot<T>(
    source: &dyn SnapshotSource,
    question: impl Fn(&Snapshot) -> Result<T>,
) -> Result<T> {
    for _ in 1..MAX_ATTEMPTS {
        match question(&source.snapshot()?) {
            Err(error) if error.is_vanished_file() => {}
            answer => return answer,
        }
    }
    question(&source.snapshot()?).map_err(|error| match error {
        EventsError::Io { path, .. } if !path.exists() => EventsError::corrupt(&path, "the file is missing"),
        other => other,
    })
}

impl Snapshot {
    pub(crate) fn segment_path(&self, segment: SegmentView) -> PathBuf {
        self.layout.segment(segment.id)
    }

    /// Calls `visit` with every event of the log that is not sealed, oldest first, one segment in memory at a time.
    pub(crate) fn for_each_unsealed(&self, mut visit: impl FnMut(&EventView<'_>)) -> Result<()> {
        for &segment in &self.segments {
            let path = self.segment_path(segment);
            let bytes = segment::read(&path, segment.bytes)?;
            visit_events(&bytes, segment, &mut visit);
        }
        Ok(())
    }
}

/// Where the last whole batch of a segment's bytes ends.
fn whole(bytes: &[u8], id: u64) -> usize {
    Entries::new(bytes, id).map_or(bytes.len(), |mut entries| {
        entries.by_ref().for_each(drop);
        entries.end()
    })
}

/// Calls `visit` with every valid event of a segment's bytes; damage is logged and passed over. Where another process may be
/// writing, its last batch counts once it is whole.
pub(crate) fn visit_events<'a>(
    bytes: &'a [u8],
    segment: SegmentView,
    visit: &mut impl FnMut(&EventView<'a>),
) {
    let id = segment.id;
    let bytes = match segment.bytes {
        Some(_) => bytes,
        None => &bytes[..whole(bytes, id)],
    };
    if bytes.len() <= HEADER_BYTES {
        return;
    }
    match Entries::new(bytes, id) {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Entry::Event(event) => visit(&event),
                    Entry::Damage { offset, bytes } => {
                        error!(
                            segment = id,
                            offset, bytes, "a damaged record of the event log is left out"
                        );
                    }
                }
            }
        }
        Err(reason) => error!(
            segment = id,
            reason, "a segment of the event log cannot be read and is left out"
        ),
    }
}
