//! The bytes of one event in the log. The records of a batch lie one after the other, and all but the last say that it
//! goes on: a batch is there as a whole or not at all.
//!
//! ```text
//! magic 4 | length u32 | crc32 u32 | version u8 | payload (length - 1 bytes)
//! ```
//!
//! Integers are little-endian. The checksum covers the segment's id, the record's offset in the segment, the length,
//! the version and the payload, so that a record is valid only where it was written. The magic holds bytes that UTF-8
//! text never does: no text of an event can look like the start of a record.

use crate::error::{EventsError, Result};
use crate::event::{Event, EventView, MAX_TIMESTAMP_MS};

/// The bytes before the version.
pub(crate) const FRAME_BYTES: usize = 12;

/// The largest event that can be stored, in bytes of its record.
pub(crate) const MAX_RECORD_BYTES: usize = 4 << 20;

pub(crate) const MAGIC: [u8; 4] = [0xFF, b'L', b'G', 0xFE];

const VERSION: u8 = 1;
const HAS_FEATURE: u8 = 1;
const HAS_IDENTIFIER: u8 = 2;
const HAS_VALUE: u8 = 4;
/// The batch goes on with the next record.
const GOES_ON: u8 = 8;

/// A record that was read.
pub(crate) struct Decoded<'a> {
    pub event: EventView<'a>,
    /// The length of the record.
    pub bytes: usize,
    /// Whether the batch goes on with the next record.
    pub goes_on: bool,
}

/// Appends the record of an event to `out`, its checksum still open: see [`seal_frames`]. `goes_on` says that the batch has
/// another event.
///
/// # Errors
/// `Invalid` when the timestamp cannot be stored, `LimitExceeded` when the record would be too long.
pub(crate) fn encode(event: &Event, goes_on: bool, out: &mut Vec<u8>) -> Result<()> {
    if !(0..=MAX_TIMESTAMP_MS).contains(&event.timestamp_ms) {
        return Err(EventsError::Invalid {
            reason: "its timestamp lies outside the years 1970 to 9999".to_owned(),
        });
    }
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[0; FRAME_BYTES - MAGIC.len()]);
    out.push(VERSION);
    let flag = |present: bool, bit: u8| if present { bit } else { 0 };
    out.push(
        flag(event.feature_name.is_some(), HAS_FEATURE)
            | flag(event.identifier.is_some(), HAS_IDENTIFIER)
            | flag(event.value.is_some(), HAS_VALUE)
            | flag(goes_on, GOES_ON),
    );
    out.extend_from_slice(&event.timestamp_ms.to_le_bytes());
    out.extend_from_slice(&event.collected_at_ms.to_le_bytes());
    let optional = [&event.feature_name, &event.identifier, &event.value]
        .into_iter()
        .flatten();
    let texts = [&event.environment_key, &event.event].into_iter().chain(optional);
    for text in texts.chain([
        &event.traits,
        &event.metadata,
        &event.sdk_language,
        &event.sdk_version,
    ]) {
        let length = u32::try_from(text.len()).map_err(|_| too_long())?;
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    let record_bytes = out.len() - start;
    if record_bytes > MAX_RECORD_BYTES {
        return Err(too_long());
    }
    let length = u32::try_from(record_bytes - FRAME_BYTES).map_err(|_| too_long())?;
    out[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

fn too_long() -> EventsError {
    EventsError::LimitExceeded {
        what: "the size of an event in bytes",
        limit: MAX_RECORD_BYTES as u64,
    }
}

/// Writes the checksums of the records in `frames`, which will lie at `offset` of the segment `segment_id`.
/// Returns the number of records.
pub(crate) fn seal_frames(frames: &mut [u8], segment_id: u64, offset: u64) -> u64 {
    let mut at = 0;
    let mut records = 0;
    while at < frames.len() {
        let body = at + FRAME_BYTES;
        let end = body + length_at(frames, at);
        let crc = checksum(
            segment_id,
            offset + at as u64,
            &frames[at + 4..at + 8],
            &frames[body..end],
        );
        frames[at + 8..at + 12].copy_from_slice(&crc.to_le_bytes());
        at = end;
        records += 1;
    }
    records
}

/// Returns the record at `at` of a segment's bytes, `None` when there is no valid one.
pub(crate) fn decode_at(segment: &[u8], segment_id: u64, at: usize) -> Option<Decoded<'_>> {
    let frame = segment.get(at..at + FRAME_BYTES)?;
    let length = length_at(frame, 0);
    if frame[..4] != MAGIC || length == 0 || FRAME_BYTES + length > MAX_RECORD_BYTES {
        return None;
    }
    let body = segment.get(at + FRAME_BYTES..at + FRAME_BYTES + length)?;
    let stored = u32::from_le_bytes(frame[8..12].try_into().expect("four bytes"));
    if checksum(segment_id, at as u64, &frame[4..8], body) != stored || body[0] != VERSION {
        return None;
    }
    Some(Decoded {
        event: decode_payload(&body[1..])?,
        bytes: FRAME_BYTES + length,
        goes_on: *body.get(1)? & GOES_ON != 0,
    })
}

fn length_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at + 4..at + 8].try_into().expect("four bytes")) as usize
}

fn checksum(segment_id: u64, offset: u64, length: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&segment_id.to_le_bytes());
    hasher.update(&offset.to_le_bytes());
    hasher.update(length);
    hasher.update(body);
    hasher.finalize()
}

fn decode_payload(payload: &[u8]) -> Option<EventView<'_>> {
    let mut rest = Fields(payload);
    let flags = rest.take(1)?[0];
    let timestamp_ms = rest.integer()?;
    let collected_at_ms = rest.integer()?;
    let environment_key = rest.text()?;
    let event = rest.text()?;
    let feature_name = if flags & HAS_FEATURE != 0 {
        Some(rest.text()?)
    } else {
        None
    };
    let identifier = if flags & HAS_IDENTIFIER != 0 {
        Some(rest.text()?)
    } else {
        None
    };
    let value = if flags & HAS_VALUE != 0 {
        Some(rest.text()?)
    } else {
        None
    };
    let view = EventView {
        environment_key,
        event,
        feature_name,
        identifier,
        value,
        traits: rest.text()?,
        metadata: rest.text()?,
        timestamp_ms,
        collected_at_ms,
        sdk_language: rest.text()?,
        sdk_version: rest.text()?,
    };
    (rest.0.is_empty() && (0..=MAX_TIMESTAMP_MS).contains(&timestamp_ms)).then_some(view)
}

/// The part of a payload that is still to be read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn integer(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = u32::from_le_bytes(self.take(4)?.try_into().ok()?) as usize;
        std::str::from_utf8(self.take(length)?).ok()
    }
}
