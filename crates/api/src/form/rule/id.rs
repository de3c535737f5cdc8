//! Ids of other things.

use std::marker::PhantomData;

use serde_json::Value;

use super::{Rule, integer};
use crate::form::{FieldError, Mode, wording};

/// The id of another thing, as an integer or as text.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(PhantomData<fn() -> T>);

impl<T> Default for Id<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: From<i32>> Rule for Id<T> {
    type Out = T;

    fn read(&self, value: &Value, _mode: Mode) -> Result<T, FieldError> {
        let id = match value {
            Value::Number(number) if !number.is_f64() => integer::parse(&number.to_string()),
            Value::String(text) => integer::parse(text),
            _ => None,
        };
        let id = id.ok_or_else(|| {
            FieldError::text(format!(
                "Incorrect type. Expected pk value, received {}.",
                wording::type_name(value)
            ))
        })?;
        // Ids are positive 32-bit integers, so nothing else can exist.
        i32::try_from(id).map(T::from).map_err(|_| {
            FieldError::text(format!(
                "Invalid pk \"{}\" - object does not exist.",
                wording::text(value)
            ))
        })
    }

    fn is_null(&self, value: &Value, _nullable: bool) -> bool {
        value.as_str() == Some("")
    }
}

/// A list of ids of other things. The first bad one is the complaint about the whole field.
#[derive(Debug, Clone, Copy)]
pub struct Ids<T>(PhantomData<fn() -> T>);

impl<T> Default for Ids<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: From<i32>> Rule for Ids<T> {
    type Out = Vec<T>;

    const LIST: bool = true;

    fn read(&self, value: &Value, mode: Mode) -> Result<Vec<T>, FieldError> {
        let Value::Array(items) = value else {
            return Err(FieldError::text(format!(
                "Expected a list of items but got type \"{}\".",
                wording::type_name(value)
            )));
        };
        items.iter().map(|item| Id::default().read(item, mode)).collect()
    }
}
