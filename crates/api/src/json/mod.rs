//! JSON as the contract writes and reads it.

mod depth;
mod fault;

use std::io;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// Deepest nesting of a request body.
pub const DEPTH: usize = 64;

/// The value as JSON in ASCII: everything else is escaped as `\uXXXX`, beyond the basic plane as surrogate pairs.
///
/// # Errors
/// When the value cannot be JSON, such as a map with keys that are no text.
pub fn to_ascii<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Ascii))?;
    Ok(bytes)
}

/// An answer whose body is this JSON.
pub(crate) fn response(status: StatusCode, bytes: Vec<u8>) -> Response {
    let media_type = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, media_type)], bytes).into_response()
}

/// Reads a request body.
///
/// # Errors
/// What is wrong with it and where, in the words of the contract's server.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: invalid start byte")
    })?;
    if depth::exceeds(text, DEPTH) {
        return Err(format!("Nested more than {DEPTH} levels deep"));
    }
    serde_json::from_str(text).map_err(|_| fault::describe(text))
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut plain = 0;
        for (at, character) in fragment.char_indices() {
            if character.is_ascii() && character != '\u{7f}' {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ascii(value: &Value) -> String {
        String::from_utf8(to_ascii(value).unwrap()).unwrap()
    }

    #[test]
    fn everything_beyond_ascii_is_escaped() {
        let value = json!({"naïve": "“x” \u{7f} 🚩 a\n\u{1}"});
        assert_eq!(
            ascii(&value),
            r#"{"na\u00efve":"\u201cx\u201d \u007f \ud83d\udea9 a\n\u0001"}"#
        );
        assert_eq!(parse(ascii(&value).as_bytes()).unwrap(), value);
    }

    #[test]
    fn floats_keep_a_point() {
        assert_eq!(ascii(&json!([30.0, 0.1, 1, 1e300])), "[30.0,0.1,1,1e+300]");
    }

    #[test]
    fn bodies_may_nest_64_deep() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert_eq!(
            parse(nested(65).as_bytes()).unwrap_err(),
            "Nested more than 64 levels deep"
        );
        assert!(parse(format!("\"{}\"", "[".repeat(100)).as_bytes()).is_ok());
        assert!(parse(format!("\"\\\"{}\"", "[".repeat(100)).as_bytes()).is_ok());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named() {
        assert_eq!(
            parse(b"{\"a\":\"\xff\"}").unwrap_err(),
            "'utf-8' codec can't decode byte 0xff in position 6: invalid start byte"
        );
    }
}
