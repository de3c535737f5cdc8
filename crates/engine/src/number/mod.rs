//! Numbers as the reference engine's language reads and writes them.
//!
//! The text of a number decides hashes, list membership and patterns, so it must agree with the reference to the last
//! digit.

pub(crate) mod float;
pub(crate) mod integer;

use std::borrow::Cow;

use serde_json::Number;

pub(crate) use integer::Integer;

/// The text of a JSON number: digits for a whole number, shortest round-trip form for a float (`30.0`, `1e-07`).
pub(crate) fn text(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => float::text(value),
        _ => number.to_string(),
    }
}

/// The value of a JSON number in double precision.
pub(crate) fn value(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// Prepares text for a number parser: outer white space goes, and underscores between digits. `None`: a misplaced
/// underscore.
fn tidy(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim_matches(is_space);
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let digit_at = |position: Option<usize>| {
        position
            .and_then(|position| bytes.get(position))
            .is_some_and(u8::is_ascii_digit)
    };
    let well_placed = text
        .match_indices('_')
        .all(|(at, _)| digit_at(at.checked_sub(1)) && digit_at(Some(at + 1)));
    well_placed.then(|| Cow::Owned(text.replace('_', "")))
}

/// White space as the reference strips it: Unicode's, and the four ASCII separators.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}
