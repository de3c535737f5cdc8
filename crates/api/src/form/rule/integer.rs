//! Integers.

use std::fmt;

use serde_json::Value;

use super::Rule;
use crate::form::{Field, FieldError, Mode, wording};

/// Longest text that is looked at as a number.
pub(super) const NUMERIC_CHARACTERS: usize = 1000;

/// A 32-bit integer: a JSON integer, a number without a fraction, or numeric text such as `" 7 "` and `"7.0"`.
#[derive(Debug, Clone, Copy)]
pub struct Integer {
    min: i32,
    max: i32,
}

impl Default for Integer {
    fn default() -> Self {
        Self {
            min: i32::MIN,
            max: i32::MAX,
        }
    }
}

/// Refinements of an integer field.
impl Field<'_, '_, Integer> {
    /// The smallest integer accepted.
    pub fn min(mut self, min: i32) -> Self {
        self.rule.min = min;
        self
    }

    /// The largest integer accepted.
    pub fn max(mut self, max: i32) -> Self {
        self.rule.max = max;
        self
    }
}

impl Rule for Integer {
    type Out = i32;

    fn read(&self, value: &Value, _mode: Mode) -> Result<i32, FieldError> {
        within(value, self.min, self.max)
    }
}

/// A 64-bit integer, read as [`Integer`] is.
#[derive(Debug, Clone, Copy)]
pub struct LongInteger;

impl Rule for LongInteger {
    type Out = i64;

    fn read(&self, value: &Value, _mode: Mode) -> Result<i64, FieldError> {
        within(value, i64::MIN, i64::MAX)
    }
}

/// Reads an integer between two others.
fn within<T: Copy + fmt::Display + Into<i128> + TryFrom<i128>>(
    value: &Value,
    min: T,
    max: T,
) -> Result<T, FieldError> {
    let text = match value {
        Value::String(text) if text.chars().count() > NUMERIC_CHARACTERS => {
            return Err(FieldError::text("String value too large."));
        }
        Value::String(text) => text.clone(),
        Value::Number(number) => wording::number_text(number),
        _ => String::new(),
    };
    let integer = parse(&text).ok_or_else(|| FieldError::text("A valid integer is required."))?;
    let refuse = |bound: &str, limit: T| {
        FieldError::text(format!("Ensure this value is {bound} than or equal to {limit}."))
    };
    if integer > max.into() {
        return Err(refuse("less", max));
    }
    T::try_from(integer)
        .ok()
        .filter(|_| integer >= min.into())
        .ok_or_else(|| refuse("greater", min))
}

/// Reads an integer from text: blanks around it, a sign, single underscores between digits and a fraction of zeros are
/// fine. Integers beyond 128 bits become the nearest that fits.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let text = without_zero_fraction(text);
    let text = wording::without_underscores(wording::trim(text))?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let limit = if text.starts_with('-') {
        i128::MIN
    } else {
        i128::MAX
    };
    Some(text.parse().unwrap_or(limit))
}

/// Cuts off `.`, zeros and blanks at the end.
fn without_zero_fraction(text: &str) -> &str {
    let blankless = text.trim_end_matches(wording::is_blank);
    blankless.trim_end_matches('0').strip_suffix('.').unwrap_or(text)
}
