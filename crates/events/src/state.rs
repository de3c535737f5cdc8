//! What the writer, the sealer and the readers of one store share: which files hold the events now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::layout::Layout;
use crate::manifest::Manifest;
use crate::snapshot::{SegmentView, Snapshot};

/// The files of a store that is open for writing, changed in whole steps under one lock: an event is in exactly one of
/// the manifest's parts or the segments at every moment.
#[derive(Debug)]
pub(crate) struct SharedState {
    layout: Layout,
    files: Mutex<Files>,
}

/// See [`SharedState`].
#[derive(Debug)]
pub(crate) struct Files {
    /// The live Parquet files.
    pub manifest: Arc<Manifest>,
    /// Closed segments that wait to be sealed, oldest first.
    pub closed: Vec<Segment>,
    /// The segment being appended to, if anything was appended since the last one was closed.
    pub active: Option<Segment>,
    /// The id of the next segment.
    pub next_segment: u64,
}

/// A segment of the log.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub id: u64,
    /// The acknowledged bytes, header included; what lies behind is not part of the log.
    pub bytes: u64,
    /// When this process made or found it.
    pub since: Instant,
}

impl SharedState {
    pub(crate) fn new(layout: Layout, files: Files) -> Self {
        Self {
            layout,
            files: Mutex::new(files),
        }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Every change under this lock is a whole step, so a panic elsewhere leaves the files sound.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let files = self.lock();
        let segments = files.closed.iter().chain(&files.active);
        Snapshot {
            layout: self.layout.clone(),
            manifest: Arc::clone(&files.manifest),
            segments: segments
                .map(|segment| SegmentView {
                    id: segment.id,
                    bytes: Some(segment.bytes),
                })
                .collect(),
        }
    }
}

impl Files {
    /// Returns the acknowledged bytes that are not sealed.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.closed
            .iter()
            .chain(&self.active)
            .map(|segment| segment.bytes)
            .sum()
    }
}
