//! The columns encoding: a type and three columns, of which the one the type names is the value.

use liftgate_app::flags::{ValueEdit, ValueKind};
use liftgate_model::{FlagValue, Leftovers};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AllOfBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::TEXT_CHARACTERS;
use crate::form::{Form, Parse, Patch};

/// The wire name of a type in this encoding.
pub fn type_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Integer => "int",
        ValueKind::Text => "unicode",
        ValueKind::Boolean => "bool",
    }
}

fn parse_type(name: &str) -> Option<ValueKind> {
    [ValueKind::Integer, ValueKind::Text, ValueKind::Boolean]
        .into_iter()
        .find(|kind| type_name(*kind) == name)
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
            kind: type_name(ValueKind::of(value)),
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

impl Columns {
    /// A value with what lies in the other columns.
    pub fn beside(value: &FlagValue, leftovers: &Leftovers) -> Self {
        let columns = Self::from(value);
        let kind = ValueKind::of(value);
        let left = |other: ValueKind| kind != other;
        Self {
            kind: columns.kind,
            string_value: columns
                .string_value
                .or_else(|| leftovers.text.clone().filter(|_| left(ValueKind::Text))),
            integer_value: columns
                .integer_value
                .or(leftovers.integer.filter(|_| left(ValueKind::Integer))),
            boolean_value: columns
                .boolean_value
                .or(leftovers.boolean.filter(|_| left(ValueKind::Boolean))),
        }
    }
}

/// A value as it is written. What is not mentioned stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
#[schema(as = NewFlagValueColumns)]
pub struct NewColumns {
    /// `int`, `unicode` or `bool`.
    #[schema(value_type = Option<String>, rename = "type", example = "unicode")]
    kind: Patch<ValueKind>,
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

impl From<NewColumns> for ValueEdit {
    fn from(columns: NewColumns) -> Self {
        Self {
            kind: columns.kind.change().map(|kind| kind.unwrap_or(ValueKind::Text)),
            text: columns.string_value.change(),
            integer: columns.integer_value.change(),
            boolean: columns.boolean_value.change(),
        }
    }
}

impl Parse for NewColumns {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let kind = form.choice("type", parse_type).nullable().change();
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

/// The schema of a body that has these columns beside the fields of `T`.
pub fn beside_columns<T: PartialSchema>() -> RefOr<Schema> {
    AllOfBuilder::new()
        .item(T::schema())
        .item(NewColumns::schema())
        .into()
}
