//! The typed-text encoding: a type, and the value always as text.

use liftgate_app::flags::ValueKind;
use liftgate_model::FlagValue;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::TEXT_CHARACTERS;
use crate::form::{Form, Parse, wording};

/// A value in this encoding; read, it is one of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedText(FlagValue);

impl TypedText {
    /// The encoding of a value. No value is the empty text.
    pub fn of(value: &FlagValue) -> Self {
        Self(value.clone())
    }

    /// The value.
    pub fn into_value(self) -> FlagValue {
        self.0
    }
}

impl From<TypedText> for FlagValue {
    fn from(text: TypedText) -> Self {
        text.into_value()
    }
}

impl Serialize for TypedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match ValueKind::of(&self.0) {
            ValueKind::Integer => "integer",
            ValueKind::Text => "string",
            ValueKind::Boolean => "boolean",
        };
        let mut fields = serializer.serialize_struct("TypedText", 2)?;
        fields.serialize_field("type", kind)?;
        fields.serialize_field("value", &self.0.to_text())?;
        fields.end()
    }
}

impl Parse for TypedText {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        match AnyTypedText::parse(form)?.checked() {
            Ok(text) => Some(text),
            Err(complaint) => {
                form.refuse_all(complaint);
                None
            }
        }
    }
}

/// A value in this encoding whose text may not be one of its type; for where the complaint goes elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(as = TypedText)]
pub struct AnyTypedText {
    /// `integer`, `string` or `boolean`.
    #[schema(value_type = String, rename = "type", example = "string")]
    kind: ValueKind,
    /// The value as text: at most 20,000 characters; an integer has 32 bits, a boolean is `true` or `false`.
    #[schema(example = "green")]
    value: String,
}

impl AnyTypedText {
    /// The value, if the text is one of its type.
    ///
    /// # Errors
    /// What the text is not, in the contract's words.
    pub fn checked(self) -> Result<TypedText, String> {
        let text = self.value;
        let value = match self.kind {
            ValueKind::Text => Some(FlagValue::Text(text.clone())),
            ValueKind::Integer => integer(&text).map(FlagValue::Integer),
            ValueKind::Boolean if text.eq_ignore_ascii_case("true") => Some(FlagValue::Boolean(true)),
            ValueKind::Boolean if text.eq_ignore_ascii_case("false") => Some(FlagValue::Boolean(false)),
            ValueKind::Boolean => None,
        };
        value.map(TypedText).ok_or_else(|| match self.kind {
            ValueKind::Boolean => format!("'{text}' is not a valid boolean (use 'true' or 'false')"),
            ValueKind::Integer | ValueKind::Text => format!("'{text}' is not a valid integer"),
        })
    }
}

impl Parse for AnyTypedText {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let kind = form.choice("type", |name| match name {
            "integer" => Some(ValueKind::Integer),
            "string" => Some(ValueKind::Text),
            "boolean" => Some(ValueKind::Boolean),
            _ => None,
        });
        let kind = kind.required();
        let value = form.text("value").blank().max(TEXT_CHARACTERS).required();
        Some(Self {
            kind: kind?,
            value: value?,
        })
    }
}

/// Integer text: blanks around it, a sign and single underscores between digits are fine.
fn integer(text: &str) -> Option<i32> {
    wording::without_underscores(wording::trim(text))?.parse().ok()
}

impl PartialSchema for TypedText {
    fn schema() -> RefOr<Schema> {
        AnyTypedText::schema()
    }
}

impl ToSchema for TypedText {
    fn name() -> Cow<'static, str> {
        AnyTypedText::name()
    }
}
