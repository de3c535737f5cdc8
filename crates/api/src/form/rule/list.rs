//! Lists of single values.

use serde_json::{Map, Value};

use super::Rule;
use crate::form::{Field, FieldError, Mode, wording};

/// A list whose items have one rule. Complaints are keyed by the item's index: `{"1": ["…"]}`.
#[derive(Debug, Clone, Copy)]
pub struct List<R> {
    item: R,
    filled: bool,
    max: Option<usize>,
}

impl<R> List<R> {
    /// A list of any length, empty too.
    pub fn new(item: R) -> Self {
        Self {
            item,
            filled: false,
            max: None,
        }
    }
}

/// Refinements of a list field.
impl<R> Field<'_, '_, List<R>> {
    /// Must have an item.
    pub fn filled(mut self) -> Self {
        self.rule.filled = true;
        self
    }

    /// At most this many items.
    pub fn max_items(mut self, items: usize) -> Self {
        self.rule.max = Some(items);
        self
    }
}

impl<R: Rule> Rule for List<R> {
    type Out = Vec<R::Out>;

    const LIST: bool = true;

    fn read(&self, value: &Value, mode: Mode) -> Result<Self::Out, FieldError> {
        let Value::Array(items) = value else {
            return Err(FieldError::text(format!(
                "Expected a list of items but got type \"{}\".",
                wording::type_name(value)
            )));
        };
        if self.filled && items.is_empty() {
            return Err(FieldError::text("This list may not be empty."));
        }
        let mut read = Vec::with_capacity(items.len());
        let mut errors = Map::new();
        for (index, item) in items.iter().enumerate() {
            let outcome = if item.is_null() {
                Err(FieldError::text("This field may not be null."))
            } else {
                self.item.read(item, mode)
            };
            match outcome {
                Ok(item) => read.push(item),
                Err(error) => {
                    errors.insert(index.to_string(), error.into_value());
                }
            }
        }
        if !errors.is_empty() {
            return Err(FieldError::shape(errors));
        }
        match self.max.filter(|max| read.len() > *max) {
            Some(max) => Err(FieldError::text(format!(
                "Ensure this field has no more than {max} elements."
            ))),
            None => Ok(read),
        }
    }
}
