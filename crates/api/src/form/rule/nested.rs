//! Objects within objects.

use std::marker::PhantomData;

use serde_json::{Map, Value};

use super::Rule;
use crate::form::{Field, FieldError, Form, Mode, Parse, wording};

/// An object with a type of its own; its complaints nest.
#[derive(Debug, Clone, Copy)]
pub struct Nested<T>(PhantomData<fn() -> T>);

impl<T> Default for Nested<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: Parse> Rule for Nested<T> {
    type Out = T;

    fn read(&self, value: &Value, mode: Mode) -> Result<T, FieldError> {
        Form::read(value, mode)
    }
}

/// A list of objects. Complaints are a list of the same length with `{}` for the good items.
#[derive(Debug, Clone, Copy)]
pub struct Objects<T> {
    filled: bool,
    max: Option<usize>,
    item: PhantomData<fn() -> T>,
}

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self {
            filled: false,
            max: None,
            item: PhantomData,
        }
    }
}

/// Refinements of a list-of-objects field.
impl<T> Field<'_, '_, Objects<T>> {
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

impl<T: Parse> Rule for Objects<T> {
    type Out = Vec<T>;

    fn read(&self, value: &Value, mode: Mode) -> Result<Vec<T>, FieldError> {
        let Value::Array(items) = value else {
            return Err(FieldError::whole(format!(
                "Expected a list of items but got type \"{}\".",
                wording::type_name(value)
            )));
        };
        if self.filled && items.is_empty() {
            return Err(FieldError::whole("This list may not be empty."));
        }
        if let Some(max) = self.max.filter(|max| items.len() > *max) {
            return Err(FieldError::whole(format!(
                "Ensure this field has no more than {max} elements."
            )));
        }
        let outcomes: Vec<Result<T, FieldError>> = items
            .iter()
            .map(|item| match item {
                Value::Null => Err(FieldError::text("This field may not be null.")),
                item => Form::read(item, mode),
            })
            .collect();
        if outcomes.iter().all(Result::is_ok) {
            return Ok(outcomes.into_iter().filter_map(Result::ok).collect());
        }
        let errors = outcomes.into_iter().map(|outcome| match outcome {
            Ok(_) => Value::Object(Map::new()),
            Err(error) => error.into_value(),
        });
        Err(FieldError::shape(errors.collect::<Vec<_>>()))
    }
}
