//! Booleans.

use serde_json::Value;

use super::Rule;
use crate::form::{FieldError, Mode};

/// A boolean in any of the contract's spellings (admin API, section 0.5), in any case.
#[derive(Debug, Clone, Copy)]
pub struct Boolean;

const TRUE: [&str; 6] = ["t", "y", "yes", "true", "on", "1"];
const FALSE: [&str; 6] = ["f", "n", "no", "false", "off", "0"];

impl Rule for Boolean {
    type Out = bool;

    fn read(&self, value: &Value, _mode: Mode) -> Result<bool, FieldError> {
        let read = match value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_f64() {
                Some(1.0) => Some(true),
                Some(0.0) => Some(false),
                _ => None,
            },
            Value::String(text) => {
                let text = text.to_lowercase();
                if TRUE.contains(&text.as_str()) {
                    Some(true)
                } else {
                    FALSE.contains(&text.as_str()).then_some(false)
                }
            }
            _ => None,
        };
        read.ok_or_else(|| FieldError::text("Must be a valid boolean."))
    }

    fn is_null(&self, value: &Value, nullable: bool) -> bool {
        nullable
            && value
                .as_str()
                .is_some_and(|text| text.is_empty() || text.eq_ignore_ascii_case("null"))
    }

    fn unticked(&self, nullable: bool) -> Option<Value> {
        Some(if nullable { Value::Null } else { Value::Bool(false) })
    }
}
