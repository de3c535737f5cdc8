//! UUIDs.

use ::uuid::Uuid;
use serde_json::Value;

use super::Rule;
use crate::form::{FieldError, Mode};

/// A UUID as text with or without hyphens, braces or `urn:uuid:`, or as an integer.
#[derive(Debug, Clone, Copy)]
pub struct UuidText;

impl Rule for UuidText {
    type Out = Uuid;

    fn read(&self, value: &Value, _mode: Mode) -> Result<Uuid, FieldError> {
        let uuid = match value {
            Value::String(text) => Uuid::parse_str(text).ok(),
            Value::Bool(flag) => Some(Uuid::from_u128(u128::from(*flag))),
            Value::Number(number) => number.as_u64().map(|number| Uuid::from_u128(u128::from(number))),
            _ => None,
        };
        uuid.ok_or_else(|| FieldError::text("Must be a valid UUID."))
    }
}
