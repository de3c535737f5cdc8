//! The doctor's examination of a store.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::columnar::part::Part;
use crate::error::{EventsError, Result};
use crate::layout::segment_id;
use crate::log::segment::{self, Entries, Entry, HEADER_BYTES};
use crate::manifest::PartEntry;
use crate::seal::cleaning::list;
use crate::snapshot::{SegmentView, Snapshot};

/// What an examination found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Segments of the log that were read.
    pub log_segments: u64,
    /// Valid records in them.
    pub log_records: u64,
    /// Parquet files that were opened.
    pub parquet_files: u64,
    /// Events in them.
    pub parquet_rows: u64,
    /// Bytes behind the last valid record of a segment: a write that a crash interrupted and that was never
    /// acknowledged, or one that is under way.
    pub torn_bytes: u64,
    /// Files that nothing refers to: left by a crash, removed when the store is next opened for writing.
    pub orphan_files: u64,
    /// What is damaged, one sentence each; empty when the store is sound.
    pub problems: Vec<String>,
}

impl CheckReport {
    /// Whether nothing is damaged.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, path: &Path, what: impl std::fmt::Display) {
        self.problems.push(format!("{}: {what}", path.display()));
    }
}

/// See [`crate::EventReader::check`].
pub(crate) fn check(snapshot: &Snapshot) -> Result<CheckReport> {
    let mut report = CheckReport::default();
    for &segment in &snapshot.segments {
        check_segment(&mut report, snapshot, segment)?;
    }
    for path in list(&snapshot.layout.corrupt_log(), "")? {
        if segment_id(&path).is_some() {
            report.problem(
                &path,
                "this segment of the log was set aside because a record in it is damaged",
            );
        }
    }
    for partition in snapshot.manifest.partitions() {
        for part in partition {
            check_part(&mut report, snapshot, part)?;
        }
    }
    count_orphans(&mut report, snapshot)?;
    Ok(report)
}

fn check_segment(report: &mut CheckReport, snapshot: &Snapshot, segment: SegmentView) -> Result<()> {
    let path = snapshot.segment_path(segment);
    let bytes = segment::read(&path, segment.bytes)?;
    report.log_segments += 1;
    if bytes.len() <= HEADER_BYTES {
        return Ok(());
    }
    let mut entries = match Entries::new(&bytes, segment.id) {
        Ok(entries) => entries,
        Err(reason) => {
            report.problem(&path, reason);
            return Ok(());
        }
    };
    for entry in &mut entries {
        match entry {
            Entry::Event(_) => report.log_records += 1,
            Entry::Damage { offset, bytes } => {
                report.problem(
                    &path,
                    format!("{bytes} damaged bytes at offset {offset}, followed by valid records"),
                );
            }
        }
    }
    let behind = (bytes.len() - entries.end()) as u64;
    if behind > 0 && segment.bytes.is_some() {
        report.problem(&path, format!("the last {behind} acknowledged bytes are damaged"));
    } else {
        report.torn_bytes += behind;
    }
    Ok(())
}

fn check_part(report: &mut CheckReport, snapshot: &Snapshot, entry: &PartEntry) -> Result<()> {
    let path = entry.path(&snapshot.layout);
    let opened = fs::metadata(&path)
        .map_err(|error| EventsError::io("opening", &path, error))
        .and_then(|metadata| Ok((metadata.len(), Part::open(&path)?)));
    let (bytes, part) = match opened {
        Ok(opened) => opened,
        // It may have been replaced meanwhile; the examination starts anew, and says so if it stays missing.
        Err(error) if error.is_vanished_file() => return Err(error),
        Err(error) => {
            report.problems.push(error.to_string());
            return Ok(());
        }
    };
    report.parquet_files += 1;
    report.parquet_rows += part.rows();
    if bytes != entry.bytes {
        report.problem(
            &path,
            format!("it has {bytes} bytes where the manifest says {}", entry.bytes),
        );
    }
    if part.rows() != entry.rows {
        report.problem(
            &path,
            format!(
                "it has {} rows where the manifest says {}",
                part.rows(),
                entry.rows
            ),
        );
    }
    Ok(())
}

fn count_orphans(report: &mut CheckReport, snapshot: &Snapshot) -> Result<()> {
    let layout = &snapshot.layout;
    let live: BTreeSet<PathBuf> = snapshot
        .manifest
        .parts
        .iter()
        .map(|part| part.path(layout))
        .collect();
    for environment in list(&layout.parquet(), "environment=")? {
        for partition in list(&environment, "day=")? {
            let files = list(&partition, "part-")?;
            report.orphan_files += files.iter().filter(|file| !live.contains(*file)).count() as u64;
        }
    }
    Ok(())
}
