//! Whether the caller already has the answer (RFC 9110, section 13).

use axum::http::HeaderMap;
use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use chrono::DateTime;
use liftgate_delivery::EnvironmentDocument;
use liftgate_model::Timestamp;

/// Whether the conditions of a request say that the caller's copy is the current one. An entity tag decides alone; a
/// date that cannot be read, or that cannot tell two documents of one second apart, decides nothing.
pub(super) fn has_current_copy(headers: &HeaderMap, document: &EnvironmentDocument, now: Timestamp) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return names_tag(headers, document.etag());
    }
    let since = headers
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    let since = since.and_then(|text| DateTime::parse_from_rfc2822(text.trim()).ok());
    since.is_some_and(|since| document.is_unmodified_since(Timestamp(since.timestamp_micros()), now))
}

/// Whether `If-None-Match` names this entity tag.
pub(super) fn names_tag(headers: &HeaderMap, etag: &str) -> bool {
    let mut tags = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim);
    // Proxies that compress weaken the tag.
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
