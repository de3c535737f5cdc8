//! One of a closed set of names.

use serde_json::Value;

use super::Rule;
use crate::form::{FieldError, Mode, wording};

/// A name that a function knows.
#[derive(Debug, Clone, Copy)]
pub struct Choice<F> {
    parse: F,
}

impl<F> Choice<F> {
    /// The names are those for which the function gives something.
    pub fn new(parse: F) -> Self {
        Self { parse }
    }
}

impl<T, F: Fn(&str) -> Option<T>> Rule for Choice<F> {
    type Out = T;

    fn read(&self, value: &Value, _mode: Mode) -> Result<T, FieldError> {
        let name = wording::text(value);
        (self.parse)(&name).ok_or_else(|| FieldError::text(format!("\"{name}\" is not a valid choice.")))
    }
}
