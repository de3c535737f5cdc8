//! Sorted record batches to a published Parquet file.

use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array as _, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;

use super::batch::text_at;
use super::schema::{Column, WRITE_SCHEMA, writer_properties};
use super::summary::{FOOTER_KEY, Summary};
use crate::disk::{Disk, ensure_dir};
use crate::error::{EventsError, Result};
use crate::layout::Layout;
use crate::manifest::PartEntry;

/// A row group of at least this many rows ends where the event or the feature changes, so that a question about one
/// event skips the others by the row group's statistics alone.
const MIN_ROW_GROUP_ROWS: usize = 16_384;

/// Which part is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartKey<'a> {
    pub environment_key: &'a str,
    pub day: i32,
    pub id: u64,
    /// The seal that makes it.
    pub seal: u64,
}

/// Writes the batches, which are in the order of the files, and publishes the file under its final name. No reader
/// knows it before a manifest names it.
pub(crate) fn write_part(
    disk: &dyn Disk,
    layout: &Layout,
    key: PartKey<'_>,
    batches: impl Iterator<Item = Result<RecordBatch>>,
) -> Result<PartEntry> {
    let directory = layout.partition(key.environment_key, key.day);
    ensure_dir(disk, &directory).map_err(|error| EventsError::io("creating", &directory, error))?;
    let path = layout.part(key.environment_key, key.day, key.id);
    let temporary = path.with_extension("tmp");
    let published = write_file(disk, &temporary, batches).and_then(|written| {
        disk.rename(&temporary, &path)
            .and_then(|()| disk.sync_dir(&directory))
            .map_err(|error| EventsError::io("publishing", &path, error))?;
        Ok(written)
    });
    match published {
        Ok(written) => Ok(PartEntry {
            id: key.id,
            environment_key: key.environment_key.to_owned(),
            day: key.day,
            rows: written.rows,
            bytes: written.bytes,
            min_timestamp_ms: written.min_timestamp_ms,
            max_timestamp_ms: written.max_timestamp_ms,
            seal: key.seal,
        }),
        Err(error) => {
            // Nothing names the file yet; what cannot be removed now is removed when the store is next opened.
            let _ = disk.remove(&temporary);
            let _ = disk.remove(&path);
            Err(error)
        }
    }
}

struct Written {
    rows: u64,
    bytes: u64,
    min_timestamp_ms: i64,
    max_timestamp_ms: i64,
}

fn write_file(
    disk: &dyn Disk,
    path: &Path,
    batches: impl Iterator<Item = Result<RecordBatch>>,
) -> Result<Written> {
    let file = disk
        .create(path)
        .map_err(|error| EventsError::io("creating", path, error))?;
    let mut writer = EventWriter::new(file).map_err(|error| writing_error(path, error))?;
    let mut written = Written {
        rows: 0,
        bytes: 0,
        min_timestamp_ms: i64::MAX,
        max_timestamp_ms: i64::MIN,
    };
    for batch in batches {
        let batch = batch?;
        for &timestamp_ms in batch
            .column(Column::Timestamp.index())
            .as_primitive::<TimestampMillisecondType>()
            .values()
        {
            written.min_timestamp_ms = written.min_timestamp_ms.min(timestamp_ms);
            written.max_timestamp_ms = written.max_timestamp_ms.max(timestamp_ms);
        }
        written.rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(|error| writing_error(path, error))?;
    }
    let mut file = writer.finish().map_err(|error| writing_error(path, error))?;
    file.sync()
        .map_err(|error| EventsError::io("syncing", path, error))?;
    written.bytes = path
        .metadata()
        .map_err(|error| EventsError::io("measuring", path, error))?
        .len();
    Ok(written)
}

/// Writes record batches of events to a Parquet file, ending row groups where the event or the feature changes.
pub(crate) struct EventWriter<W: std::io::Write + Send> {
    writer: ArrowWriter<W>,
    /// The event and feature of the last row.
    run: Option<(String, Option<String>)>,
    summary: Summary,
}

impl<W: std::io::Write + Send> EventWriter<W> {
    pub(crate) fn new(file: W) -> Result<Self, ParquetError> {
        let options = ArrowWriterOptions::new()
            .with_properties(writer_properties())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, WRITE_SCHEMA.clone(), options)?;
        Ok(Self {
            writer,
            run: None,
            summary: Summary::default(),
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let events = batch.column(Column::Event.index()).as_string::<i32>();
        let features = batch.column(Column::FeatureName.index()).as_string::<i32>();
        let timestamps = batch
            .column(Column::Timestamp.index())
            .as_primitive::<TimestampMillisecondType>()
            .values();
        let (mut start, mut unwritten) = (0, 0);
        while start < batch.num_rows() {
            let end = run_end(events, features, start);
            let (event, feature) = (events.value(start), text_at(features, start));
            let continues = self
                .run
                .as_ref()
                .is_some_and(|run| run.0 == event && run.1.as_deref() == feature);
            if !continues {
                if self.writer.in_progress_rows() + start - unwritten >= MIN_ROW_GROUP_ROWS {
                    self.writer.write(&batch.slice(unwritten, start - unwritten))?;
                    self.writer.flush()?;
                    unwritten = start;
                }
                self.run = Some((event.to_owned(), feature.map(str::to_owned)));
            }
            self.summary
                .add(event, timestamps[start..end].iter().copied().max().unwrap_or(0));
            start = end;
        }
        self.writer.write(&batch.slice(unwritten, start - unwritten))
    }

    /// Ends the file. Returns what it was written to.
    pub(crate) fn finish(mut self) -> Result<W, ParquetError> {
        if let Some(text) = self.summary.to_footer() {
            self.writer
                .append_key_value_metadata(KeyValue::new(FOOTER_KEY.to_owned(), text));
        }
        self.writer.into_inner()
    }
}

/// Returns where the rows that have the event and the feature of the row `start` end.
fn run_end(events: &StringArray, features: &StringArray, start: usize) -> usize {
    let same = |row: usize| {
        events.value(row) == events.value(start) && text_at(features, row) == text_at(features, start)
    };
    (start + 1..events.len())
        .find(|&row| !same(row))
        .unwrap_or(events.len())
}

/// Finds the I/O error under an error of the Parquet writer.
pub(crate) fn writing_error(path: &Path, error: ParquetError) -> EventsError {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => EventsError::io("writing", path, *source),
            Err(other) => EventsError::Internal {
                reason: format!("writing {}: {other}", path.display()),
            },
        },
        other => EventsError::Internal {
            reason: format!("writing {}: {other}", path.display()),
        },
    }
}
