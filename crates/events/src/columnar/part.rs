//! Finding and reading the rows of one event in a Parquet file.

use std::fs::File;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, TimestampMillisecondType, UInt64Type};
use arrow_array::{Array as _, DictionaryArray, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    RowSelection, RowSelector,
};
use parquet::file::metadata::{PageIndexPolicy, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use super::schema::{Column, QUERY_SCHEMA, WRITE_SCHEMA};
use super::summary::{FOOTER_KEY, Summary};
use crate::error::{EventsError, Result};

/// Rows in a batch that is read: small enough for its columns to stay in a processor's cache.
const READ_ROWS: usize = 8_192;

/// The rows of one event, of one feature or of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub event: String,
    /// `None` selects the event's rows whatever their feature.
    pub feature_name: Option<String>,
}

/// Neighbouring rows in one row group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    row_group: usize,
    start: usize,
    rows: usize,
}

/// An open Parquet file. It stays readable when its name is removed.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
}

impl Part {
    /// Opens a file for a query: the compared texts come as dictionaries.
    ///
    /// # Errors
    /// `Io` when it cannot be opened, `Corrupt` when it is no event file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let options = ArrowReaderOptions::new()
            .with_schema(QUERY_SCHEMA.clone())
            .with_offset_index_policy(PageIndexPolicy::Optional);
        Self::open_with(path, options)
    }

    /// Opens a file for reading whole rows: all texts come plain.
    pub(crate) fn open_rows(path: &Path) -> Result<Self> {
        Self::open_with(path, ArrowReaderOptions::new().with_schema(WRITE_SCHEMA.clone()))
    }

    fn open_with(path: &Path, options: ArrowReaderOptions) -> Result<Self> {
        let file = File::open(path).map_err(|error| EventsError::io("opening", path, error))?;
        let metadata =
            ArrowReaderMetadata::load(&file, options).map_err(|error| EventsError::corrupt(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            metadata,
        })
    }

    pub(crate) fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Returns the event names from the footer, `None` when it does not list them.
    pub(crate) fn summary(&self) -> Option<Summary> {
        let entries = self.metadata.metadata().file_metadata().key_value_metadata()?;
        let entry = entries.iter().find(|entry| entry.key == FOOTER_KEY)?;
        Summary::from_footer(entry.value.as_deref()?)
    }

    /// Returns for each selector where its rows are, in the file's order, leaving out row groups none of whose rows
    /// have an identifier hash whose upper half is in `hashes`.
    pub(crate) fn locate(
        &self,
        selectors: &[Selector],
        hashes: &RangeInclusive<u64>,
    ) -> Result<Vec<Vec<Span>>> {
        let mut located = vec![Vec::new(); selectors.len()];
        for (row_group, metadata) in self.metadata.metadata().row_groups().iter().enumerate() {
            if !may_hold_hashes(metadata, hashes) {
                continue;
            }
            let wanted: Vec<_> = selectors
                .iter()
                .map(|selector| selects(metadata, selector))
                .collect();
            for (spans, &selected) in located.iter_mut().zip(&wanted) {
                if selected == Selected::All {
                    spans.push(Span {
                        row_group,
                        start: 0,
                        rows: row_count(metadata),
                    });
                }
            }
            if wanted.contains(&Selected::Some) {
                self.search_row_group(row_group, selectors, &wanted, &mut located)?;
            }
        }
        Ok(located)
    }

    /// Returns where the whole file is.
    pub(crate) fn everything(&self) -> Vec<Span> {
        let row_groups = self.metadata.metadata().row_groups().iter().enumerate();
        row_groups
            .map(|(row_group, metadata)| Span {
                row_group,
                start: 0,
                rows: row_count(metadata),
            })
            .collect()
    }

    /// Looks through the names of a row group that holds several.
    fn search_row_group(
        &self,
        row_group: usize,
        selectors: &[Selector],
        wanted: &[Selected],
        located: &mut [Vec<Span>],
    ) -> Result<()> {
        let rows = row_count(self.metadata.metadata().row_group(row_group));
        let mut row = 0;
        let mut runs = Runs {
            row_group,
            selectors,
            wanted,
            located,
        };
        self.read(
            &[Span {
                row_group,
                start: 0,
                rows,
            }],
            &[Column::Event, Column::FeatureName],
            |batch| {
                let events = texts(batch, Column::Event);
                let features = texts(batch, Column::FeatureName);
                let (event_keys, feature_keys) = (events.keys(), features.keys());
                let key = |at: usize| {
                    (
                        event_keys.value(at),
                        feature_keys.is_valid(at).then(|| feature_keys.value(at)),
                    )
                };
                let mut start = 0;
                while start < batch.num_rows() {
                    let end = (start + 1..batch.num_rows())
                        .find(|&at| key(at) != key(start))
                        .unwrap_or(batch.num_rows());
                    runs.add(
                        text(events, start).unwrap_or_default(),
                        text(features, start),
                        row + start,
                        end - start,
                    );
                    start = end;
                }
                row += batch.num_rows();
                Ok(())
            },
        )
    }

    /// Calls `visit` with what [`Part::batches`] reads.
    pub(crate) fn read(
        &self,
        spans: &[Span],
        columns: &[Column],
        mut visit: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        for &span in spans {
            for batch in self.span_reader(span, columns)? {
                visit(&batch.map_err(|error| EventsError::corrupt(&self.path, &error))?)?;
            }
        }
        Ok(())
    }

    /// Reads columns of the spans, in the order of the spans, at most [`READ_ROWS`] rows at a time and never from two row
    /// groups at once.
    pub(crate) fn batches(self: Arc<Self>, spans: Vec<Span>, columns: Vec<Column>) -> SpanBatches {
        SpanBatches {
            part: self,
            spans: spans.into_iter(),
            columns,
            current: None,
        }
    }

    fn span_reader(&self, span: Span, columns: &[Column]) -> Result<ParquetRecordBatchReader> {
        let file = self
            .file
            .try_clone()
            .map_err(|error| EventsError::io("opening", &self.path, error))?;
        let mask = ProjectionMask::leaves(
            self.metadata.parquet_schema(),
            columns.iter().map(|column| column.index()),
        );
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_row_groups(vec![span.row_group])
            .with_projection(mask)
            .with_batch_size(READ_ROWS);
        if span.rows < row_count(self.metadata.metadata().row_group(span.row_group)) {
            let selection = vec![RowSelector::skip(span.start), RowSelector::select(span.rows)];
            builder = builder.with_row_selection(RowSelection::from(selection));
        }
        builder
            .build()
            .map_err(|error| EventsError::corrupt(&self.path, &error))
    }

    /// Reads whole rows in the file's order, `rows` at a time.
    pub(crate) fn into_rows(self, rows: usize) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        let path = self.path;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file, self.metadata)
            .with_batch_size(rows)
            .build()
            .map_err(|error| EventsError::corrupt(&path, &error))?;
        Ok(reader.map(move |batch| batch.map_err(|error| EventsError::corrupt(&path, &error))))
    }
}

/// The batches of some spans. See [`Part::batches`].
pub(crate) struct SpanBatches {
    part: Arc<Part>,
    spans: std::vec::IntoIter<Span>,
    columns: Vec<Column>,
    current: Option<ParquetRecordBatchReader>,
}

impl SpanBatches {
    /// Returns the next batch, `None` when there is none.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.current.as_mut().and_then(Iterator::next) {
                return batch
                    .map(Some)
                    .map_err(|error| EventsError::corrupt(&self.part.path, &error));
            }
            let Some(span) = self.spans.next() else {
                self.current = None;
                return Ok(None);
            };
            self.current = Some(self.part.span_reader(span, &self.columns)?);
        }
    }
}

/// Collects runs of equal names into the spans of the selectors that want them.
struct Runs<'a> {
    row_group: usize,
    selectors: &'a [Selector],
    wanted: &'a [Selected],
    located: &'a mut [Vec<Span>],
}

impl Runs<'_> {
    fn add(&mut self, event: &str, feature_name: Option<&str>, start: usize, rows: usize) {
        for (index, selector) in self.selectors.iter().enumerate() {
            if self.wanted[index] != Selected::Some
                || selector.event != event
                || selector
                    .feature_name
                    .as_deref()
                    .is_some_and(|wanted| Some(wanted) != feature_name)
            {
                continue;
            }
            match self.located[index].last_mut() {
                Some(last) if last.row_group == self.row_group && last.start + last.rows == start => {
                    last.rows += rows;
                }
                _ => self.located[index].push(Span {
                    row_group: self.row_group,
                    start,
                    rows,
                }),
            }
        }
    }
}

/// How much of a row group a selector wants, as far as the statistics say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selected {
    None,
    Some,
    All,
}

fn selects(row_group: &RowGroupMetaData, selector: &Selector) -> Selected {
    let event = within(row_group, Column::Event, &selector.event);
    match &selector.feature_name {
        None => event,
        Some(feature_name) => match (event, within(row_group, Column::FeatureName, feature_name)) {
            (Selected::None, _) | (_, Selected::None) => Selected::None,
            (Selected::All, Selected::All) => Selected::All,
            _ => Selected::Some,
        },
    }
}

/// Whether the rows of a row group have a text in a column, by its statistics.
fn within(row_group: &RowGroupMetaData, column: Column, text: &str) -> Selected {
    let Some(statistics) = row_group.column(column.index()).statistics() else {
        return Selected::Some;
    };
    let nulls = statistics.null_count_opt();
    if nulls.is_some_and(|nulls| nulls == row_count(row_group) as u64) {
        return Selected::None;
    }
    let (Some(min), Some(max)) = (statistics.min_bytes_opt(), statistics.max_bytes_opt()) else {
        return Selected::Some;
    };
    let text = text.as_bytes();
    if text < min || text > max {
        Selected::None
    } else if min == max && statistics.min_is_exact() && statistics.max_is_exact() && nulls == Some(0) {
        Selected::All
    } else {
        Selected::Some
    }
}

fn may_hold_hashes(row_group: &RowGroupMetaData, hashes: &RangeInclusive<u64>) -> bool {
    match row_group.column(Column::IdentifierHashHigh.index()).statistics() {
        Some(Statistics::Int64(statistics)) => match (statistics.min_opt(), statistics.max_opt()) {
            (Some(min), Some(max)) => {
                min.cast_unsigned() <= *hashes.end() && max.cast_unsigned() >= *hashes.start()
            }
            _ => true,
        },
        _ => true,
    }
}

fn row_count(row_group: &RowGroupMetaData) -> usize {
    usize::try_from(row_group.num_rows()).unwrap_or(0)
}

/// Returns an integer column of a batch that was read with it.
pub(crate) fn integers(batch: &RecordBatch, column: Column) -> &[u64] {
    column_of(batch, column).as_primitive::<UInt64Type>().values()
}

/// Returns a time column of a batch that was read with it, in milliseconds.
pub(crate) fn times(batch: &RecordBatch, column: Column) -> &[i64] {
    column_of(batch, column)
        .as_primitive::<TimestampMillisecondType>()
        .values()
}

/// Returns the numbers of a batch that was read with them.
pub(crate) fn numbers(batch: &RecordBatch) -> &[f64] {
    column_of(batch, Column::NumericValue)
        .as_primitive::<Float64Type>()
        .values()
}

/// Returns a compared text column of a batch that a query has read with it.
pub(crate) fn texts(batch: &RecordBatch, column: Column) -> &DictionaryArray<Int32Type> {
    column_of(batch, column).as_dictionary::<Int32Type>()
}

/// Returns a text column that no query compares, of a batch that was read with it.
pub(crate) fn plain_texts(batch: &RecordBatch, column: Column) -> &StringArray {
    column_of(batch, column).as_string::<i32>()
}

/// Returns the text at a row of a dictionary, `None` for null.
pub(crate) fn text(column: &DictionaryArray<Int32Type>, row: usize) -> Option<&str> {
    column
        .key(row)
        .map(|key| column.values().as_string::<i32>().value(key))
}

fn column_of(batch: &RecordBatch, column: Column) -> &dyn arrow_array::Array {
    batch
        .column_by_name(column.name())
        .expect("the batch was read with this column")
        .as_ref()
}
