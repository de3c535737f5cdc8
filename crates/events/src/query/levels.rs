//! The level of each identity in each dimension: what it was at its first exposure.

use std::collections::HashMap;

use arrow_array::{Array as _, RecordBatch};

use super::attributes::{Attribute, attributes};
use super::exposure_table::ExposureTable;
use super::rows::{RowSink, TailRow, Window};
use crate::columnar::part::{integers, plain_texts, texts, times};
use crate::columnar::schema::Column;
use crate::error::Result;

/// Bytes of the different values of all dimensions of one question at most. A few hundred values are expected, and this
/// bounds what a hostile client can make the server hold; values beyond it are not told apart.
const MAX_LEVEL_BYTES: usize = 16 << 20;

/// Bytes that a value takes beside its text, kept twice.
const ENTRY_BYTES: usize = 2 * size_of::<String>() + size_of::<(u32, u64)>();

/// The level of an identity without a value.
const ABSENT: u32 = 0;

/// The level of an identity whose value is not told from others.
const OTHER: u32 = 1;

/// The levels that name values begin here.
const FIRST_VALUE: u32 = 2;

/// What the levels of an identity are: its own value, none, or one that is not told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelCode {
    Absent,
    Other,
    /// The position of the value in [`Levels::values`].
    Value(usize),
}

/// The different values of each dimension.
#[derive(Debug)]
pub(crate) struct Levels {
    names: Vec<String>,
    dictionaries: Vec<Dictionary>,
    bytes: usize,
    /// Whether new values are added.
    grows: bool,
}

#[derive(Debug, Default)]
struct Dictionary {
    codes: HashMap<String, u32>,
    values: Vec<String>,
    is_truncated: bool,
}

impl Levels {
    pub(crate) fn new(names: &[String]) -> Self {
        Self {
            names: names.to_vec(),
            dictionaries: names.iter().map(|_| Dictionary::default()).collect(),
            bytes: 0,
            grows: true,
        }
    }

    /// From here on no value is added.
    pub(crate) fn freeze(&mut self) {
        self.grows = false;
    }

    /// The values of a dimension, in the order in which they were seen.
    pub(crate) fn values(&self, dimension: usize) -> &[String] {
        &self.dictionaries[dimension].values
    }

    /// Whether a dimension had values that are not told apart for want of memory.
    pub(crate) fn is_truncated(&self, dimension: usize) -> bool {
        self.dictionaries[dimension].is_truncated
    }

    fn code(&mut self, dimension: usize, attribute: Attribute) -> u32 {
        let value = match attribute {
            Attribute::Value(value) => value,
            Attribute::TooLong => return OTHER,
            Attribute::Absent => return ABSENT,
        };
        let dictionary = &mut self.dictionaries[dimension];
        if let Some(&code) = dictionary.codes.get(&value) {
            return code;
        }
        let bytes = self.bytes + 2 * value.len() + ENTRY_BYTES;
        if !self.grows || bytes > MAX_LEVEL_BYTES {
            dictionary.is_truncated = true;
            return OTHER;
        }
        self.bytes = bytes;
        let number = u32::try_from(dictionary.values.len()).unwrap_or(u32::MAX - FIRST_VALUE);
        dictionary.codes.insert(value.clone(), FIRST_VALUE + number);
        dictionary.values.push(value);
        FIRST_VALUE + number
    }

    /// Whether a code comes before another among exposures of the same millisecond: values by their text, then those that
    /// are not told apart, then none.
    fn is_before(&self, dimension: usize, code: u32, other: u32) -> bool {
        let values = self.values(dimension);
        let rank = |code: u32| match code {
            ABSENT => (2, ""),
            OTHER => (1, ""),
            _ => (0, values[(code - FIRST_VALUE) as usize].as_str()),
        };
        rank(code) < rank(other)
    }
}

/// Collects the levels of the identities of a table.
#[derive(Debug)]
pub(crate) struct LevelTable<'a> {
    table: &'a ExposureTable,
    window: Window<'a>,
    levels: &'a mut Levels,
    /// By identity, then by dimension.
    codes: Vec<u32>,
}

impl<'a> LevelTable<'a> {
    pub(crate) fn new(table: &'a ExposureTable, window: Window<'a>, levels: &'a mut Levels) -> Self {
        Self {
            codes: vec![ABSENT; table.exposures().len() * levels.names.len()],
            table,
            window,
            levels,
        }
    }

    /// The bytes that one identity takes.
    pub(crate) fn identity_bytes(dimensions: usize) -> usize {
        dimensions * size_of::<u32>()
    }

    /// The levels of each identity: by identity, then by dimension.
    pub(crate) fn finish(self) -> LevelCodes {
        LevelCodes {
            dimensions: self.levels.names.len(),
            codes: self.codes,
        }
    }

    /// The place of an identity of one variant, if this is when it was first exposed.
    fn first_exposed(&self, high: u64, low: u64, timestamp_ms: i64) -> Option<usize> {
        let (position, first_ms) = self.table.find(high, low);
        let exposure = self.table.exposures().get(position)?;
        exposure.variant().filter(|_| timestamp_ms == first_ms)?;
        Some(position)
    }

    fn take(&mut self, identity: usize, attributes: Vec<Attribute>) {
        let first = identity * self.levels.names.len();
        for (dimension, attribute) in attributes.into_iter().enumerate() {
            let code = self.levels.code(dimension, attribute);
            let kept = &mut self.codes[first + dimension];
            if code != *kept && self.levels.is_before(dimension, code, *kept) {
                *kept = code;
            }
        }
    }
}

impl RowSink for LevelTable<'_> {
    fn window(&self) -> Window<'_> {
        self.window
    }

    fn columns(&self, _selector: usize) -> Vec<Column> {
        vec![
            Column::IdentifierHashHigh,
            Column::IdentifierHashLow,
            Column::Timestamp,
            Column::Value,
            Column::Metadata,
            Column::Traits,
        ]
    }

    fn batch(&mut self, _selector: usize, batch: &RecordBatch) -> Result<()> {
        let high = integers(batch, Column::IdentifierHashHigh);
        let low = integers(batch, Column::IdentifierHashLow);
        let timestamps = times(batch, Column::Timestamp);
        let variants = texts(batch, Column::Value);
        let metadata = plain_texts(batch, Column::Metadata);
        let traits = plain_texts(batch, Column::Traits);
        for (row, ((&high, &low), &timestamp_ms)) in high.iter().zip(low).zip(timestamps).enumerate() {
            if variants.is_null(row) {
                continue;
            }
            if let Some(identity) = self.first_exposed(high, low, timestamp_ms) {
                let found = attributes(&self.levels.names, metadata.value(row), traits.value(row));
                self.take(identity, found);
            }
        }
        Ok(())
    }

    fn tail_row(&mut self, _selector: usize, row: &TailRow) -> Result<()> {
        let (high, low) = row.identity();
        if row.value.is_some()
            && let Some(identity) = self.first_exposed(high, low, row.timestamp_ms)
        {
            self.take(identity, row.attributes.clone());
        }
        Ok(())
    }
}

/// The levels of the identities of a table.
#[derive(Debug)]
pub(crate) struct LevelCodes {
    dimensions: usize,
    codes: Vec<u32>,
}

impl LevelCodes {
    /// The level of an identity in each dimension.
    pub(crate) fn of(&self, identity: usize) -> impl Iterator<Item = LevelCode> {
        let first = identity * self.dimensions;
        self.codes[first..first + self.dimensions]
            .iter()
            .map(|&code| match code {
                ABSENT => LevelCode::Absent,
                OTHER => LevelCode::Other,
                _ => LevelCode::Value((code - FIRST_VALUE) as usize),
            })
    }
}
