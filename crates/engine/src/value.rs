//! A context value: what a condition sees of a property.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::number::{self, Integer};

/// A scalar of the context after coercion. Absent and null values are `None` around it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ContextValue<'a> {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(Integer),
    /// A floating-point number.
    Float(f64),
    /// Text that does not look like a number.
    Text(Cow<'a, str>),
}

impl<'a> ContextValue<'a> {
    /// Reads a trait: null is not set, a list or an object is its JSON text.
    pub(crate) fn of_trait(value: &'a Value) -> Option<Self> {
        match value {
            Value::Array(_) | Value::Object(_) => Some(Self::Text(Cow::Owned(json_text(value)))),
            _ => Self::of_node(value),
        }
    }

    /// Reads what a JSONPath found: null, a list and an object are not set.
    pub(crate) fn of_node(value: &'a Value) -> Option<Self> {
        match value {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::Bool(boolean) => Some(Self::Boolean(*boolean)),
            Value::Number(number) if number.is_f64() => Some(Self::Float(number::value(number))),
            Value::Number(number) => Integer::from_digits(&number.to_string()).map(Self::Integer),
            Value::String(text) => Some(Self::of_text(text)),
        }
    }

    /// Coerces text: `-?[0-9]+` is an integer and `-?[0-9]+\.[0-9]+` a float.
    pub(crate) fn of_text(text: &'a str) -> Self {
        Self::number_of(text).unwrap_or(Self::Text(Cow::Borrowed(text)))
    }

    /// The same value, borrowing its text.
    pub(crate) fn borrowed(&self) -> ContextValue<'_> {
        match self {
            Self::Text(text) => ContextValue::Text(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    /// The value without its tie to the context.
    pub(crate) fn into_owned(self) -> ContextValue<'static> {
        match self {
            Self::Boolean(boolean) => ContextValue::Boolean(boolean),
            Self::Integer(integer) => ContextValue::Integer(integer),
            Self::Float(float) => ContextValue::Float(float),
            Self::Text(text) => ContextValue::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// The value as JSON; a whole number beyond 64 bits as its digits.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Boolean(boolean) => Value::Bool(*boolean),
            Self::Integer(Integer::Small(integer)) => Value::from(*integer),
            Self::Integer(Integer::Large(digits)) => Value::from(&**digits),
            Self::Float(float) => Value::from(*float),
            Self::Text(text) => Value::from(&**text),
        }
    }

    /// The value as text, for hashing and patterns.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Boolean(boolean) => Cow::Borrowed(boolean_text(*boolean)),
            Self::Integer(integer) => Cow::Owned(integer.to_string()),
            Self::Float(float) => Cow::Owned(number::float::text(*float)),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    fn number_of(text: &str) -> Option<Self> {
        // Most traits are words; their first byte says so.
        let first = text.bytes().next()?;
        if !first.is_ascii_digit() && first != b'-' {
            return None;
        }
        let Some((whole, fraction)) = text.split_once('.') else {
            return Integer::from_digits(text).map(Self::Integer);
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(fraction) {
            text.parse().ok().map(Self::Float)
        } else {
            None
        }
    }
}

/// The text of a condition's own value: as given, or what the reference engine's language prints for it.
pub(crate) fn condition_text(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(boolean) => boolean_text(*boolean).to_owned(),
        Value::Number(number) => number::text(number),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => json_text(value),
    }
}

/// Whether metadata is worth passing on: null, false, zero and empty values are not.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(boolean) => *boolean,
        Value::Number(number) => number::value(number) != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn boolean_text(boolean: bool) -> &'static str {
    if boolean { "True" } else { "False" }
}

/// Compact JSON with a space after `,` and `:`, the text under which list and object traits are stored (contract,
/// sdk-api section 3).
fn json_text(value: &Value) -> String {
    let mut text = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut text, Spaced))
        .expect("a JSON value serialises into memory");
    String::from_utf8(text).expect("JSON is UTF-8")
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        separate(writer, first)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        separate(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

fn separate<W: ?Sized + io::Write>(writer: &mut W, first: bool) -> io::Result<()> {
    if first { Ok(()) } else { writer.write_all(b", ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_that_looks_like_a_number_is_one() {
        for (text, expected) in [
            ("07", ContextValue::Integer(Integer::Small(7))),
            ("-0", ContextValue::Integer(Integer::Small(0))),
            ("1.50", ContextValue::Float(1.5)),
            ("-0.0", ContextValue::Float(0.0)),
        ] {
            assert_eq!(ContextValue::of_text(text), expected);
        }
        for text in [
            "", "-", "+7", "1.", ".5", "1e5", " 7", "1.2.3", "7a", "1_0", "-.5", "1.-5",
        ] {
            assert_eq!(ContextValue::of_text(text), ContextValue::Text(text.into()));
        }
    }

    #[test]
    fn only_traits_may_be_lists() {
        let list = json!([1, {"a": "b"}]);
        assert_eq!(
            ContextValue::of_trait(&list).map(|value| value.text().into_owned()),
            Some(r#"[1, {"a": "b"}]"#.to_owned())
        );
        assert_eq!(ContextValue::of_node(&list), None);
        assert_eq!(ContextValue::of_trait(&Value::Null), None);
    }

    #[test]
    fn long_whole_numbers_keep_their_digits() {
        let value = json!(u64::MAX);
        let value = ContextValue::of_node(&value).expect("a number");
        assert_eq!(value.text(), "18446744073709551615");
    }
}
