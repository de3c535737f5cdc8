//! Any JSON.

use serde_json::Value;

use super::Rule;
use crate::form::{FieldError, Mode};

/// Any JSON but null, unless nullable.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl Rule for Json {
    type Out = Value;

    fn read(&self, value: &Value, _mode: Mode) -> Result<Value, FieldError> {
        Ok(value.clone())
    }
}
