//! The one step by which sealing and compaction become true.

use std::sync::Arc;

use tracing::warn;

use super::Sealer;
use crate::error::{EventsError, Result};
use crate::manifest::{Manifest, PartEntry};

impl Sealer {
    /// Returns an id that no part has had.
    pub(super) fn take_part_id(&mut self) -> u64 {
        self.next_part += 1;
        self.next_part - 1
    }

    /// Replaces the manifest on disk, then the one in memory together with the list of segments.
    ///
    /// When the manifest certainly was not replaced, the new parts are removed. When it may have been, nothing is: a
    /// crash from here on finds either manifest and all the files that it names.
    pub(super) fn commit(&mut self, mut manifest: Manifest, new_parts: &[PartEntry]) -> Result<()> {
        manifest.next_part = self.next_part;
        manifest.sort();
        if let Err(failure) = manifest.store(self.disk.as_ref(), self.state.layout()) {
            if !failure.may_have_happened {
                self.discard(new_parts);
            }
            return Err(EventsError::io(
                "replacing",
                &self.state.layout().manifest(),
                failure.source,
            ));
        }
        let mut files = self.state.lock();
        files
            .closed
            .retain(|segment| segment.id > manifest.sealed_through);
        files.manifest = Arc::new(manifest);
        Ok(())
    }

    /// Removes parts that no manifest names; what cannot be removed is removed when the store is next opened.
    pub(super) fn discard(&self, parts: &[PartEntry]) {
        for part in parts {
            let path = part.path(self.state.layout());
            if let Err(failure) = self.disk.remove(&path) {
                warn!(path = %path.display(), error = %failure, "a file that is no longer needed was not removed");
            }
        }
    }
}
