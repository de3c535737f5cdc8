//! What a crash left behind in the directory of Parquet files.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tracing::info;

use crate::disk::Disk;
use crate::error::{EventsError, Result};
use crate::layout::Layout;
use crate::manifest::Manifest;

/// Removes the files of ours that the manifest does not name: parts that were not yet live, or no longer, and
/// unfinished ones. Files with other names are left alone.
pub(crate) fn remove_orphans(disk: &dyn Disk, layout: &Layout, manifest: &Manifest) -> Result<()> {
    let live: HashSet<PathBuf> = manifest.parts.iter().map(|part| part.path(layout)).collect();
    for environment in list(&layout.parquet(), "environment=")? {
        for partition in list(&environment, "day=")? {
            for file in list(&partition, "part-")? {
                let ours = file
                    .extension()
                    .is_some_and(|extension| extension == "parquet" || extension == "tmp");
                if ours && !live.contains(&file) {
                    disk.remove(&file)
                        .map_err(|error| EventsError::io("removing", &file, error))?;
                    info!(path = %file.display(), "an unfinished file of events was removed");
                }
            }
        }
    }
    Ok(())
}

/// Lists what in a directory has a name that starts with `prefix`. A missing directory is empty.
pub(crate) fn list(directory: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(EventsError::io("listing", directory, error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| EventsError::io("listing", directory, error))?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(prefix))
        {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}
