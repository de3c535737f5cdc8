//! Writing events out, each once, while the store goes on changing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::columnar::batch::{BATCH_ROWS, Row, record_batch, text_at};
use crate::columnar::part::{Part, integers};
use crate::columnar::part_writer::{EventWriter, writing_error};
use crate::columnar::schema::Column;
use crate::error::{EventsError, Result};
use crate::event::EventView;
use crate::fingerprints::Fingerprints;
use crate::layout::{DAY_MS, day_of};
use crate::log::segment;
use crate::manifest::PartEntry;
use crate::snapshot::{SegmentView, Snapshot, SnapshotSource, visit_events, with_snapshot};
use crate::store::{ExportFilter, ExportFormat};

/// Attempts to open the files of one partition while they are being replaced.
const MAX_ATTEMPTS: usize = 5;

/// See [`crate::EventReader::export`].
///
/// The log's segments are opened first. An event that is sealed while the export runs is then found in the log as well
/// as, perhaps, in a part; its fingerprint says whether it was written already.
pub(crate) fn export(
    source: &dyn SnapshotSource,
    filter: &ExportFilter,
    format: ExportFormat,
    writer: Box<dyn Write + Send>,
) -> Result<u64> {
    let (snapshot, segments) = with_snapshot(source, |snapshot| {
        Ok((snapshot.clone(), open_segments(snapshot)?))
    })?;
    let mut unsealed: BTreeMap<(String, i32), Vec<u128>> = BTreeMap::new();
    for_each_event(&segments, &mut |event| {
        if filter.matches(event) {
            let partition = (event.environment_key.to_owned(), day_of(event.timestamp_ms));
            unsealed.entry(partition).or_default().push(event.fingerprint());
        }
    })?;
    let mut unsealed: BTreeMap<(String, i32), Fingerprints> = unsealed
        .into_iter()
        .map(|(partition, all)| (partition, Fingerprints::new(all.into_iter())))
        .collect();

    let mut output = Output::new(format, writer)?;
    for partition in snapshot
        .manifest
        .partitions()
        .filter(|parts| filter.may_match(&parts[0]))
    {
        let mut known = unsealed.get_mut(&(partition[0].environment_key.clone(), partition[0].day));
        for part in open_partition(source, &snapshot, partition)? {
            for batch in part.into_rows(BATCH_ROWS)? {
                let batch = filter.apply(&batch?)?;
                if let Some(known) = &mut known {
                    known.mark_all(
                        integers(&batch, Column::FingerprintHigh),
                        integers(&batch, Column::FingerprintLow),
                    );
                }
                output.write(&batch)?;
            }
        }
    }
    for (path, file, segment) in &segments {
        let content = segment::read_open(file, path, segment.bytes)?;
        let mut rows = Vec::new();
        visit_events(&content, *segment, &mut |event| {
            if !filter.matches(event) {
                return;
            }
            let row = Row::new(*event);
            let partition = (event.environment_key.to_owned(), row.day);
            if unsealed
                .get_mut(&partition)
                .is_some_and(|known| known.mark_first(row.fingerprint))
            {
                rows.push(row);
            }
        });
        for rows in rows.chunks(BATCH_ROWS) {
            output.write(&record_batch(rows)?)?;
        }
    }
    output.finish()
}

/// A segment with its path and its open file.
type OpenSegment = (PathBuf, File, SegmentView);

fn open_segments(snapshot: &Snapshot) -> Result<Vec<OpenSegment>> {
    let open = |&segment| {
        let path = snapshot.segment_path(segment);
        let file = File::open(&path).map_err(|error| EventsError::io("opening", &path, error))?;
        Ok((path, file, segment))
    };
    snapshot.segments.iter().map(open).collect()
}

fn for_each_event(segments: &[OpenSegment], visit: &mut impl FnMut(&EventView<'_>)) -> Result<()> {
    for (path, file, segment) in segments {
        let content = segment::read_open(file, path, segment.bytes)?;
        visit_events(&content, *segment, visit);
    }
    Ok(())
}

/// Opens the files of a partition; when one was replaced, those that the store has now.
fn open_partition(
    source: &dyn SnapshotSource,
    snapshot: &Snapshot,
    partition: &[PartEntry],
) -> Result<Vec<Part>> {
    let (environment_key, day) = (&partition[0].environment_key, partition[0].day);
    let mut parts = partition.to_vec();
    for _ in 1..MAX_ATTEMPTS {
        let opened: Result<Vec<Part>> = parts
            .iter()
            .map(|part| Part::open_rows(&part.path(&snapshot.layout)))
            .collect();
        match opened {
            Err(error) if error.is_vanished_file() => {}
            opened => return opened,
        }
        parts = source
            .snapshot()?
            .manifest
            .partition(environment_key, day)
            .to_vec();
    }
    parts
        .iter()
        .map(|part| Part::open_rows(&part.path(&snapshot.layout)))
        .collect()
}

impl ExportFilter {
    /// Whether the partition of a part may hold events that match.
    fn may_match(&self, part: &PartEntry) -> bool {
        let day_ms = i64::from(part.day) * DAY_MS;
        self.environment_key
            .as_ref()
            .is_none_or(|key| *key == part.environment_key)
            && self.from_ms.is_none_or(|from_ms| from_ms < day_ms + DAY_MS)
            && self.until_ms.is_none_or(|until_ms| until_ms > day_ms)
    }

    fn has_time(&self, timestamp_ms: i64) -> bool {
        self.from_ms.is_none_or(|from_ms| timestamp_ms >= from_ms)
            && self.until_ms.is_none_or(|until_ms| timestamp_ms < until_ms)
    }

    fn matches(&self, event: &EventView<'_>) -> bool {
        self.environment_key
            .as_ref()
            .is_none_or(|key| key == event.environment_key)
            && self.event.as_ref().is_none_or(|name| name == event.event)
            && self.has_time(event.timestamp_ms)
    }

    /// Keeps the rows of a batch, already of the right environment, that match.
    fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let events = batch.column(Column::Event.index()).as_string::<i32>();
        let timestamps = batch
            .column(Column::Timestamp.index())
            .as_primitive::<TimestampMillisecondType>();
        let keep = (0..batch.num_rows()).map(|row| {
            Some(
                self.event.as_ref().is_none_or(|name| name == events.value(row))
                    && self.has_time(timestamps.value(row)),
            )
        });
        filter_record_batch(batch, &keep.collect::<BooleanArray>()).map_err(|error| EventsError::Internal {
            reason: format!("filtering events: {error}"),
        })
    }
}

/// Where the events go.
struct Output {
    kind: OutputKind,
    rows: u64,
}

enum OutputKind {
    JsonLines(std::io::BufWriter<Box<dyn Write + Send>>),
    Parquet(Box<EventWriter<Box<dyn Write + Send>>>),
}

impl Output {
    fn new(format: ExportFormat, writer: Box<dyn Write + Send>) -> Result<Self> {
        let kind = match format {
            ExportFormat::JsonLines => OutputKind::JsonLines(std::io::BufWriter::new(writer)),
            ExportFormat::Parquet => {
                OutputKind::Parquet(Box::new(EventWriter::new(writer).map_err(output_parquet_error)?))
            }
        };
        Ok(Self { kind, rows: 0 })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        match &mut self.kind {
            OutputKind::JsonLines(writer) => write_lines(writer, batch).map_err(output_error),
            OutputKind::Parquet(writer) => writer.write(batch).map_err(output_parquet_error),
        }
    }

    fn finish(self) -> Result<u64> {
        match self.kind {
            OutputKind::JsonLines(mut writer) => writer.flush().map_err(output_error)?,
            OutputKind::Parquet(writer) => {
                let mut writer = writer.finish().map_err(output_parquet_error)?;
                writer.flush().map_err(output_error)?;
            }
        }
        Ok(self.rows)
    }
}

fn output_error(error: std::io::Error) -> EventsError {
    EventsError::io("writing", &output_path(), error)
}

fn output_parquet_error(error: parquet::errors::ParquetError) -> EventsError {
    writing_error(&output_path(), error)
}

/// What the place that an export goes to is called in an error.
fn output_path() -> PathBuf {
    PathBuf::from("the export")
}

/// One exported event. Fields and their types as in the ingestion contract, sdk-api section 9.
#[derive(Serialize)]
struct Line<'a> {
    environment_key: &'a str,
    event: &'a str,
    feature_name: Option<&'a str>,
    identifier: Option<&'a str>,
    value: Option<&'a str>,
    traits: Option<Json<'a>>,
    metadata: Option<Json<'a>>,
    timestamp: i64,
    collected_at: i64,
    sdk_language: &'a str,
    sdk_version: &'a str,
}

/// JSON text as it was stored, or, where the text is not JSON, as a string.
#[derive(Serialize)]
#[serde(untagged)]
enum Json<'a> {
    Raw(Box<RawValue>),
    Text(&'a str),
}

impl<'a> Json<'a> {
    fn of(text: &'a str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        // In valid JSON a line break stands between tokens only; here it would end the line.
        let one_line = text.replace(['\n', '\r'], " ");
        Some(RawValue::from_string(one_line).map_or(Json::Text(text), Json::Raw))
    }
}

fn write_lines(writer: &mut impl Write, batch: &RecordBatch) -> std::io::Result<()> {
    let text = |column: Column| batch.column(column.index()).as_string::<i32>();
    let time = |column: Column| {
        batch
            .column(column.index())
            .as_primitive::<TimestampMillisecondType>()
    };
    for row in 0..batch.num_rows() {
        let line = Line {
            environment_key: text(Column::EnvironmentKey).value(row),
            event: text(Column::Event).value(row),
            feature_name: text_at(text(Column::FeatureName), row),
            identifier: text_at(text(Column::Identifier), row),
            value: text_at(text(Column::Value), row),
            traits: Json::of(text(Column::Traits).value(row)),
            metadata: Json::of(text(Column::Metadata).value(row)),
            timestamp: time(Column::Timestamp).value(row),
            collected_at: time(Column::CollectedAt).value(row),
            sdk_language: text(Column::SdkLanguage).value(row),
            sdk_version: text(Column::SdkVersion).value(row),
        };
        serde_json::to_writer(&mut *writer, &line)?;
        writer.write_all(b"\n")?;
    }
    Ok(())
}
