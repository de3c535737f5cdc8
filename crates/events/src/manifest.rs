//! The list of live files: which Parquet files hold the sealed events, and which log segments they replace.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::disk::{Disk, ReplaceError, replace_file};
use crate::error::{EventsError, Result};
use crate::layout::Layout;

const VERSION: u32 = 1;

/// The state of the sealed events, replaced as a whole.
///
/// Within one partition (environment and day) an event's fingerprint is in one part only: sealing leaves out what the
/// partition already holds. A query therefore adds parts up without comparing them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// Every log segment up to this id is in the parts.
    pub sealed_through: u64,
    /// How often segments were sealed.
    pub seals: u64,
    /// The id of the next part; ids are never used twice.
    pub next_part: u64,
    /// The live parts, ordered by environment, day and id.
    pub parts: Vec<PartEntry>,
}

/// One live Parquet file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartEntry {
    pub id: u64,
    pub environment_key: String,
    /// The UTC day of all its events, in days since the Unix epoch.
    pub day: i32,
    pub rows: u64,
    pub bytes: u64,
    pub min_timestamp_ms: i64,
    pub max_timestamp_ms: i64,
    /// The seal (see [`Manifest::seals`]) that made it.
    pub seal: u64,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: VERSION,
            sealed_through: 0,
            seals: 0,
            next_part: 1,
            parts: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads the manifest; a missing one is that of an empty store.
    ///
    /// # Errors
    /// `Corrupt` when it cannot be understood, `Io` when it cannot be read.
    pub(crate) fn load(layout: &Layout) -> Result<Self> {
        let path = layout.manifest();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(EventsError::io("reading", &path, error)),
        };
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| EventsError::corrupt(&path, &error))?;
        if manifest.version != VERSION {
            return Err(EventsError::corrupt(
                &path,
                &format!("version {} is not known", manifest.version),
            ));
        }
        Ok(manifest)
    }

    /// Replaces the manifest on disk.
    pub(crate) fn store(&self, disk: &dyn Disk, layout: &Layout) -> Result<(), ReplaceError> {
        let text = serde_json::to_vec(self).map_err(|error| ReplaceError {
            source: io::Error::other(error),
            may_have_happened: false,
        })?;
        replace_file(disk, &layout.manifest(), &text)
    }

    /// Returns the parts of one environment, ordered by day.
    pub(crate) fn environment(&self, environment_key: &str) -> &[PartEntry] {
        let start = self
            .parts
            .partition_point(|part| part.environment_key.as_str() < environment_key);
        let end = self
            .parts
            .partition_point(|part| part.environment_key.as_str() <= environment_key);
        &self.parts[start..end]
    }

    /// Returns the parts of one partition.
    pub(crate) fn partition(&self, environment_key: &str, day: i32) -> &[PartEntry] {
        let parts = self.environment(environment_key);
        let start = parts.partition_point(|part| part.day < day);
        let end = parts.partition_point(|part| part.day <= day);
        &parts[start..end]
    }

    /// Returns the parts grouped by partition.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = &[PartEntry]> {
        self.parts
            .chunk_by(|a, b| a.day == b.day && a.environment_key == b.environment_key)
    }

    /// Puts the parts into the order that the other methods rely on.
    pub(crate) fn sort(&mut self) {
        self.parts
            .sort_by(|a, b| (&a.environment_key, a.day, a.id).cmp(&(&b.environment_key, b.day, b.id)));
    }
}

impl PartEntry {
    pub(crate) fn path(&self, layout: &Layout) -> PathBuf {
        layout.part(&self.environment_key, self.day, self.id)
    }
}
