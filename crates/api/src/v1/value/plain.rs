//! The plain encoding: a JSON integer, string, boolean or null.

use liftgate_model::FlagValue;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::TEXT_CHARACTERS;
use crate::form::{FieldError, Form, Mode, Rule, rule, wording};

/// A value as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain(pub FlagValue);

/// A value as it is written.
///
/// # Compatibility
/// Integers, booleans and text keep their type; fractions, lists and objects are stored as their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlain(pub FlagValue);

impl NewPlain {
    /// Reads the field of that name; `Some(None)` when it is missing, `None` when it was refused. A complaint is about
    /// the column the value would be stored in and stands beside the other fields, where the contract has it.
    pub fn field(form: &mut Form<'_>, name: &'static str) -> Option<Option<Self>> {
        let given = form.json(name).nullable().change()?;
        let value = match given.change() {
            None => return Some(None),
            Some(value) => value.unwrap_or(Value::Null),
        };
        match read(&value) {
            Ok(value) => Some(Some(Self(value))),
            Err((column, error)) => {
                form.note(column, error);
                None
            }
        }
    }
}

fn read(value: &Value) -> Result<FlagValue, (&'static str, FieldError)> {
    match value {
        Value::Null => Ok(FlagValue::Null),
        Value::Bool(truth) => Ok(FlagValue::Boolean(*truth)),
        Value::Number(number) if !number.is_f64() => rule::Integer::default()
            .read(value, Mode::Create)
            .map(FlagValue::Integer)
            .map_err(|error| ("integer_value", error)),
        Value::Number(number) => text(wording::number_text(number)),
        Value::String(given) => text(given.clone()),
        Value::Array(_) | Value::Object(_) => text(value.to_string()),
    }
}

fn text(text: String) -> Result<FlagValue, (&'static str, FieldError)> {
    rule::Text::default()
        .blank()
        .max(TEXT_CHARACTERS)
        .read(&Value::from(text), Mode::Create)
        .map(FlagValue::Text)
        .map_err(|error| ("string_value", error))
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            FlagValue::Null => serializer.serialize_none(),
            FlagValue::Text(text) => serializer.serialize_str(text),
            FlagValue::Integer(number) => serializer.serialize_i32(*number),
            FlagValue::Boolean(truth) => serializer.serialize_bool(*truth),
        }
    }
}

/// Declares that a type is documented as any of the four JSON types.
macro_rules! plain_schema {
    ($name:ident) => {
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let one = |of: Type| ObjectBuilder::new().schema_type(SchemaType::Type(of));
                OneOfBuilder::new()
                    .item(one(Type::String))
                    .item(one(Type::Integer))
                    .item(one(Type::Boolean))
                    .item(one(Type::Null))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed("FlagValue")
            }
        }
    };
}

plain_schema!(Plain);
plain_schema!(NewPlain);
