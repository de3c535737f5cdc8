//! The event: what an SDK reports, and the hashes by which it is known.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// The name of the event that says which variant an identity saw (contract, sdk-api section 9).
pub const EXPOSURE_EVENT: &str = "$flag_exposure";

/// The latest timestamp that can be stored: the last millisecond of the year 9999.
pub const MAX_TIMESTAMP_MS: i64 = 253_402_300_799_999;

/// One event, already validated by the caller against the contract's per-event checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The client key of the environment that the event belongs to.
    pub environment_key: String,
    /// The event's name; case matters. `$flag_exposure` for an exposure.
    pub event: String,
    /// The feature of an exposure; `None` on most other events.
    pub feature_name: Option<String>,
    /// Who did it; an event without an identifier takes part in no analysis.
    pub identifier: Option<String>,
    /// The variant of an exposure, the value of a metric event; always text.
    pub value: Option<String>,
    /// The traits as JSON text, empty when absent.
    pub traits: String,
    /// The metadata as JSON text, empty when absent.
    pub metadata: String,
    /// When it happened by the client's clock, in milliseconds since the Unix epoch, not negative,
    /// at most [`MAX_TIMESTAMP_MS`].
    pub timestamp_ms: i64,
    /// When the server took it, in milliseconds since the Unix epoch.
    pub collected_at_ms: i64,
    /// The language of the SDK, `unknown` when it did not say.
    pub sdk_language: String,
    /// The version of the SDK, `unknown` when it did not say.
    pub sdk_version: String,
}

impl Event {
    /// Returns the 128-bit hash by which a repeated event is recognised.
    ///
    /// Two events are the same when environment, event, feature, identifier, value, metadata and millisecond
    /// are. The hash is part of the file format and never changes.
    pub fn fingerprint(&self) -> u128 {
        self.view().fingerprint()
    }

    /// Borrows the event's fields.
    pub(crate) fn view(&self) -> EventView<'_> {
        EventView {
            environment_key: &self.environment_key,
            event: &self.event,
            feature_name: self.feature_name.as_deref(),
            identifier: self.identifier.as_deref(),
            value: self.value.as_deref(),
            traits: &self.traits,
            metadata: &self.metadata,
            timestamp_ms: self.timestamp_ms,
            collected_at_ms: self.collected_at_ms,
            sdk_language: &self.sdk_language,
            sdk_version: &self.sdk_version,
        }
    }
}

/// Returns the 128-bit hash by which the analysis knows an identity; 0 stands for "no identifier".
///
/// XXH3 of the identifier's UTF-8 bytes; the one text in 2^128 whose hash is 0 is given 1. The hash is part of
/// the file format and never changes.
pub fn identifier_hash(identifier: Option<&str>) -> u128 {
    identifier.map_or(0, |text| xxh3_128(text.as_bytes()).max(1))
}

/// The fields of an event, borrowed from wherever they lie. The same fields as [`Event`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventView<'a> {
    pub environment_key: &'a str,
    pub event: &'a str,
    pub feature_name: Option<&'a str>,
    pub identifier: Option<&'a str>,
    pub value: Option<&'a str>,
    pub traits: &'a str,
    pub metadata: &'a str,
    pub timestamp_ms: i64,
    pub collected_at_ms: i64,
    pub sdk_language: &'a str,
    pub sdk_version: &'a str,
}

impl EventView<'_> {
    /// See [`Event::fingerprint`]. Every text is framed by its length and every optional one by a presence byte,
    /// so that no two different events give the same bytes.
    pub(crate) fn fingerprint(&self) -> u128 {
        let mut hasher = Xxh3::new();
        hash_text(&mut hasher, self.environment_key);
        hash_text(&mut hasher, self.event);
        for optional in [self.feature_name, self.identifier, self.value] {
            hasher.update(&[u8::from(optional.is_some())]);
            hash_text(&mut hasher, optional.unwrap_or_default());
        }
        hash_text(&mut hasher, self.metadata);
        hasher.update(&self.timestamp_ms.to_le_bytes());
        hasher.digest128()
    }
}

fn hash_text(hasher: &mut Xxh3, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
