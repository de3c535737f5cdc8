//! The columns encoding: a type and three columns, of which the one the type names is the value.

use liftgate_model::FlagValue;
use serde::Serialize;
use utoipa::ToSchema;

use super::TEXT_CHARACTERS;
use crate::form::{Form, Parse, Patch};

/// The type of a value, by its name in this encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// `int`.
    Integer,
    /// `unicode`.
    Text,
    /// `bool`.
    Boolean,
}

impl ValueType {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "int",
            Self::Text => "unicode",
            Self::Boolean => "bool",
        }
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Integer, Self::Text, Self::Boolean]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// The type of a value; no value counts as text.
    pub fn of(value: &FlagValue) -> Self {
        match value {
            FlagValue::Integer(_) => Self::Integer,
            FlagValue::Boolean(_) => Self::Boolean,
            FlagValue::Text(_) | FlagValue::Null => Self::Text,
        }
    }
}

/// A value as it is answered. Readers take the column that `type` names and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlagValueColumns)]
pub struct Columns {
    /// `int`, `unicode` or `bool`.
    #[serde(rename = "type")]
    #[schema(example = "unicode")]
    pub kind: &'static str,
    /// The value of the type `unicode`.
    pub string_value: Option<String>,
    /// The value of the type `int`.
    pub integer_value: Option<i32>,
    /// The value of the type `bool`.
    pub boolean_value: Option<bool>,
}

impl From<&FlagValue> for Columns {
    fn from(value: &FlagValue) -> Self {
        let mut columns = Self {
            kind: ValueType::of(value).as_str(),
            string_value: None,
            integer_value: None,
            boolean_value: None,
        };
        match value {
            FlagValue::Null => {}
            FlagValue::Text(text) => columns.string_value = Some(text.clone()),
            FlagValue::Integer(number) => columns.integer_value = Some(*number),
            FlagValue::Boolean(truth) => columns.boolean_value = Some(*truth),
        }
        columns
    }
}

/// A value as it is written. What is not mentioned stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
#[schema(as = NewFlagValueColumns)]
pub struct NewColumns {
    /// `int`, `unicode` or `bool`.
    #[schema(value_type = Option<String>, rename = "type", example = "unicode")]
    kind: Patch<ValueType>,
    /// The value of the type `unicode`: at most 20,000 characters.
    #[schema(value_type = Option<String>)]
    string_value: Patch<String>,
    /// The value of the type `int`: 32 bits.
    #[schema(value_type = Option<i32>)]
    integer_value: Patch<i32>,
    /// The value of the type `bool`.
    #[schema(value_type = Option<bool>)]
    boolean_value: Patch<bool>,
}

impl NewColumns {
    /// The value that these columns make of the one there is.
    pub fn over(self, stored: &FlagValue) -> FlagValue {
        let before = ValueType::of(stored);
        let kind = match self.kind {
            Patch::Absent => before,
            Patch::Null => ValueType::Text,
            Patch::Value(kind) => kind,
        };
        let given = match kind {
            ValueType::Integer => self.integer_value.map(FlagValue::Integer),
            ValueType::Boolean => self.boolean_value.map(FlagValue::Boolean),
            ValueType::Text => self.string_value.map(FlagValue::Text),
        };
        match given {
            Patch::Value(value) => value,
            Patch::Absent if kind == before => stored.clone(),
            Patch::Absent | Patch::Null => FlagValue::Null,
        }
    }
}

impl Parse for NewColumns {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let kind = form.choice("type", ValueType::parse).nullable().change();
        let string_value = form
            .text("string_value")
            .blank()
            .max(TEXT_CHARACTERS)
            .nullable()
            .change();
        let integer_value = form.integer("integer_value").nullable().change();
        let boolean_value = form.boolean("boolean_value").nullable().change();
        Some(Self {
            kind: kind?,
            string_value: string_value?,
            integer_value: integer_value?,
            boolean_value: boolean_value?,
        })
    }
}
