//! Traits as callers send them, and their values.

use std::io;

use liftgate_model::identity::TraitValue;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Number, Value};

/// A trait of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct SentTrait {
    /// At most 200 characters.
    pub key: String,
    /// `None` deletes the stored trait.
    pub value: Option<TraitValue>,
    /// Whether it counts for this call only and is never stored.
    pub is_transient: bool,
}

/// The trait value of a JSON value: `None` for null; a list or an object is its compact text with a space after `,` and
/// `:` (contract, sdk-api section 3). Whole numbers beyond 64 bits become floating-point.
pub fn trait_value_of_json(value: &Value) -> Option<TraitValue> {
    match value {
        Value::Null => None,
        Value::Bool(boolean) => Some(TraitValue::Boolean(*boolean)),
        Value::String(text) => Some(TraitValue::Text(text.clone())),
        Value::Number(number) => Some(match number.as_i64() {
            Some(integer) => TraitValue::Integer(integer),
            None => TraitValue::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::Array(_) | Value::Object(_) => Some(TraitValue::Text(spaced_text(value))),
    }
}

/// The JSON value of a trait value.
pub fn trait_json(value: &TraitValue) -> Value {
    match value {
        TraitValue::Text(text) => Value::from(text.as_str()),
        TraitValue::Integer(integer) => Value::from(*integer),
        TraitValue::Float(float) => Number::from_f64(*float).map_or(Value::Null, Value::Number),
        TraitValue::Boolean(boolean) => Value::from(*boolean),
    }
}

fn spaced_text(value: &Value) -> String {
    let mut text = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut text, Spaced))
        .expect("a JSON value serialises into memory");
    String::from_utf8(text).expect("JSON is UTF-8")
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin_array_value(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_keep_their_type() {
        for (sent, expected) in [
            (json!(null), None),
            (json!(true), Some(TraitValue::Boolean(true))),
            (json!(1), Some(TraitValue::Integer(1))),
            (json!(1.0), Some(TraitValue::Float(1.0))),
            (json!(i64::MIN), Some(TraitValue::Integer(i64::MIN))),
            (
                json!(9_223_372_036_854_775_808_u64),
                Some(TraitValue::Float(9_223_372_036_854_775_808.0)),
            ),
            (json!("1"), Some(TraitValue::Text("1".into()))),
            (json!([1, 2]), Some(TraitValue::Text("[1, 2]".into()))),
            (
                json!({"a": ["b", null], "c": {}}),
                Some(TraitValue::Text(r#"{"a": ["b", null], "c": {}}"#.into())),
            ),
        ] {
            assert_eq!(trait_value_of_json(&sent), expected, "{sent}");
        }
    }
}
