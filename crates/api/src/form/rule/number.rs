//! Numbers with a fraction.

use serde_json::Value;

use super::Rule;
use super::integer::NUMERIC_CHARACTERS;
use crate::form::{Field, FieldError, Mode, wording};

/// A finite number: JSON, or numeric text. Booleans count as 1 and 0.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    min: f64,
    max: f64,
}

impl Default for Number {
    fn default() -> Self {
        Self {
            min: f64::NEG_INFINITY,
            max: f64::INFINITY,
        }
    }
}

/// Refinements of a number field.
impl Field<'_, '_, Number> {
    /// The smallest number accepted.
    pub fn min(mut self, min: f64) -> Self {
        self.rule.min = min;
        self
    }

    /// The largest number accepted.
    pub fn max(mut self, max: f64) -> Self {
        self.rule.max = max;
        self
    }
}

impl Rule for Number {
    type Out = f64;

    fn read(&self, value: &Value, _mode: Mode) -> Result<f64, FieldError> {
        let number = match value {
            Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
            Value::Number(number) => number.as_f64(),
            Value::String(text) if text.chars().count() > NUMERIC_CHARACTERS => {
                return Err(FieldError::text("String value too large."));
            }
            Value::String(text) => parse(text),
            _ => None,
        };
        // Infinities and NaN are words, not numbers; nothing downstream could store them.
        let number = number
            .filter(|number| number.is_finite())
            .ok_or_else(|| FieldError::text("A valid number is required."))?;
        if number > self.max {
            return Err(FieldError::text(format!(
                "Ensure this value is less than or equal to {}.",
                self.max
            )));
        }
        if number < self.min {
            return Err(FieldError::text(format!(
                "Ensure this value is greater than or equal to {}.",
                self.min
            )));
        }
        Ok(number)
    }
}

fn parse(text: &str) -> Option<f64> {
    wording::without_underscores(wording::trim(text))?.parse().ok()
}
