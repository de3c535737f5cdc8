//! One file of the log: a header, then records until the end.
//!
//! ```text
//! magic 8 | version u32 | segment id u64 | crc32 u32 of the bytes before      (24 bytes)
//! ```

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use super::record::{self, MAGIC};
use crate::error::{EventsError, Result};
use crate::event::EventView;

/// The length of the header; a segment of this length holds nothing.
pub(crate) const HEADER_BYTES: usize = 24;

const HEADER_MAGIC: [u8; 8] = *b"LGEVLOG\xFF";
const VERSION: u32 = 1;

/// Returns the header of a segment.
pub(crate) fn header(id: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..8].copy_from_slice(&HEADER_MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..20].copy_from_slice(&id.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..20]);
    bytes[20..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// Reads a segment, no further than `len` bytes when that is given.
pub(crate) fn read(path: &Path, len: Option<u64>) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| EventsError::io("opening", path, error))?;
    read_open(&file, path, len)
}

/// See [`read`]; for a file that is already open, wherever it was read to.
pub(crate) fn read_open(mut file: &File, path: &Path, len: Option<u64>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = file
        .rewind()
        .and_then(|()| file.take(len.unwrap_or(u64::MAX)).read_to_end(&mut bytes));
    read.map_err(|error| EventsError::io("reading", path, error))?;
    Ok(bytes)
}

/// What a segment's bytes hold at one place.
#[derive(Debug)]
pub(crate) enum Entry<'a> {
    /// A valid record.
    Event(EventView<'a>),
    /// Bytes that are no valid record although a valid one follows: damage, not a crash in the middle of a write.
    Damage {
        /// Where the damage starts, in bytes from the start of the file.
        offset: usize,
        /// How far the next valid record is.
        bytes: usize,
    },
}

/// The records of a segment, in order. See [`Entries::end`] for what follows the last.
pub(crate) struct Entries<'a> {
    bytes: &'a [u8],
    id: u64,
    at: usize,
    /// Where the last whole batch ends.
    whole: usize,
}

impl<'a> Entries<'a> {
    /// Starts reading the bytes of the segment `id`.
    ///
    /// # Errors
    /// Says what is wrong when the header is not that of this segment.
    pub(crate) fn new(bytes: &'a [u8], id: u64) -> Result<Self, &'static str> {
        match bytes.get(..HEADER_BYTES) {
            Some(found) if *found == header(id) => Ok(Self {
                bytes,
                id,
                at: HEADER_BYTES,
                whole: HEADER_BYTES,
            }),
            Some(_) => Err("the header is not that of this segment"),
            None => Err("the header is cut short"),
        }
    }

    /// Returns, after the last entry, where the last whole batch ends; the bytes from there on are a torn write.
    pub(crate) fn end(&self) -> usize {
        self.whole
    }

    /// Looks for the next valid record behind a place where there is none.
    fn resynchronise(&self) -> Option<usize> {
        let mut from = self.at + 1;
        loop {
            let rest = self.bytes.get(from..)?;
            let found = from + rest.windows(MAGIC.len()).position(|window| window == MAGIC)?;
            if record::decode_at(self.bytes, self.id, found).is_some() {
                return Some(found);
            }
            from = found + 1;
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        if let Some(record) = record::decode_at(self.bytes, self.id, self.at) {
            self.at += record.bytes;
            if !record.goes_on {
                self.whole = self.at;
            }
            return Some(Entry::Event(record.event));
        }
        let next = self.resynchronise()?;
        let damage = Entry::Damage {
            offset: self.at,
            bytes: next - self.at,
        };
        self.at = next;
        Some(damage)
    }
}
