//! What stored traits look like on the wire: a type, and a column for each type, of which that of the type counts.

use liftgate_app::Error;
use liftgate_model::Timestamp;
use liftgate_model::identity::{Trait, TraitValue};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::form::rule::integer_text;
use crate::form::{self, FieldError, Form, Mode, Parse, Patch};

/// A stored trait.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trait)]
pub struct TraitBody {
    /// Id.
    pub id: i32,
    /// Key, unique for the identity.
    #[schema(max_length = 200, example = "plan")]
    pub trait_key: String,
    /// `int`, `unicode`, `bool` or `float`: which of the next four is the value.
    #[schema(example = "unicode")]
    pub value_type: &'static str,
    /// The value, if it is an integer.
    pub integer_value: Option<i64>,
    /// The value, if it is text.
    #[schema(max_length = 2000, example = "pro")]
    pub string_value: Option<String>,
    /// The value, if it is a boolean.
    pub boolean_value: Option<bool>,
    /// The value, if it is a number with a fraction.
    pub float_value: Option<f64>,
    /// When it was first set.
    #[schema(value_type = String, format = DateTime)]
    pub created_date: Timestamp,
}

impl From<Trait> for TraitBody {
    fn from(stored: Trait) -> Self {
        let mut body = Self {
            id: stored.id.0,
            trait_key: stored.key,
            value_type: TraitType::of(&stored.value).as_str(),
            integer_value: None,
            string_value: None,
            boolean_value: None,
            float_value: None,
            created_date: stored.created_at,
        };
        match stored.value {
            TraitValue::Integer(number) => body.integer_value = Some(number),
            TraitValue::Text(text) => body.string_value = Some(text),
            TraitValue::Boolean(truth) => body.boolean_value = Some(truth),
            TraitValue::Float(number) => body.float_value = Some(number),
        }
        body
    }
}

/// The type of a trait's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraitType {
    /// `int`.
    Integer,
    /// `unicode`.
    Text,
    /// `bool`.
    Boolean,
    /// `float`.
    Float,
}

impl TraitType {
    /// The type of a value.
    fn of(value: &TraitValue) -> Self {
        match value {
            TraitValue::Integer(_) => Self::Integer,
            TraitValue::Text(_) => Self::Text,
            TraitValue::Boolean(_) => Self::Boolean,
            TraitValue::Float(_) => Self::Float,
        }
    }

    /// The wire name.
    fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "int",
            Self::Text => "unicode",
            Self::Boolean => "bool",
            Self::Float => "float",
        }
    }

    /// The type of that name.
    fn parse(name: &str) -> Option<Self> {
        [Self::Integer, Self::Text, Self::Boolean, Self::Float]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// The column that counts.
    fn column(self) -> &'static str {
        match self {
            Self::Integer => "integer_value",
            Self::Text => "string_value",
            Self::Boolean => "boolean_value",
            Self::Float => "float_value",
        }
    }
}

/// A trait to store, or what is to change about one.
#[derive(Debug, ToSchema)]
#[schema(as = NewTrait)]
pub struct TraitForm {
    /// Key, unique for the identity.
    #[schema(value_type = String, max_length = 200, example = "plan")]
    trait_key: Patch<String>,
    /// `int`, `unicode` (the default), `bool` or `float`: which of the next four counts.
    #[schema(value_type = Option<String>, example = "unicode")]
    value_type: Patch<TraitType>,
    /// The value, if it is an integer of 64 bits.
    #[schema(value_type = Option<i64>)]
    integer_value: Patch<i64>,
    /// The value, if it is text.
    #[schema(value_type = Option<String>, max_length = 2000, example = "pro")]
    string_value: Patch<String>,
    /// The value, if it is a boolean.
    #[schema(value_type = Option<bool>)]
    boolean_value: Patch<bool>,
    /// The value, if it is a number with a fraction.
    #[schema(value_type = Option<f64>)]
    float_value: Patch<f64>,
}

impl Parse for TraitForm {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let trait_key = form.text("trait_key").max(200).change_required();
        let value_type = form.choice("value_type", TraitType::parse).nullable().change();
        let integer_value = form.field("integer_value", LongInteger).nullable().change();
        let string_value = form.text("string_value").blank().max(2000).nullable().change();
        let boolean_value = form.boolean("boolean_value").nullable().change();
        let float_value = form.number("float_value").nullable().change();
        Some(Self {
            trait_key: trait_key?,
            value_type: value_type?,
            integer_value: integer_value?,
            string_value: string_value?,
            boolean_value: boolean_value?,
            float_value: float_value?,
        })
    }
}

impl TraitForm {
    /// The key and the value that this makes of the trait there is, or of none.
    ///
    /// # Errors
    /// When the column that counts has no value: a stored trait always has one.
    pub fn over(self, stored: Option<&Trait>) -> Result<(String, TraitValue), Error> {
        let kind = match (self.value_type, stored) {
            (Patch::Value(kind), _) => kind,
            (Patch::Absent, Some(stored)) => TraitType::of(&stored.value),
            (Patch::Absent, None) | (Patch::Null, _) => TraitType::Text,
        };
        let given = match kind {
            TraitType::Integer => self.integer_value.map(TraitValue::Integer),
            TraitType::Text => self.string_value.map(TraitValue::Text),
            TraitType::Boolean => self.boolean_value.map(TraitValue::Boolean),
            TraitType::Float => self.float_value.map(TraitValue::Float),
        };
        let before = stored.filter(|stored| TraitType::of(&stored.value) == kind);
        let value = match given {
            Patch::Value(value) => value,
            Patch::Null => return Err(Error::field(kind.column(), "This field may not be null.")),
            Patch::Absent => match before {
                Some(stored) => stored.value.clone(),
                None => return Err(Error::field(kind.column(), "This field is required.")),
            },
        };
        let key = self.trait_key.value();
        let key = key.or_else(|| stored.map(|stored| stored.key.clone()));
        Ok((key.unwrap_or_default(), value))
    }
}

/// An integer of 64 bits, which is what clients store.
#[derive(Debug)]
struct LongInteger;

impl form::Rule for LongInteger {
    type Out = i64;

    fn read(&self, value: &Value, _mode: Mode) -> Result<i64, FieldError> {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        let integer = integer_text(&text).ok_or_else(|| FieldError::text("A valid integer is required."))?;
        i64::try_from(integer).map_err(|_| {
            let (word, limit) = if integer > 0 {
                ("less", i64::MAX)
            } else {
                ("greater", i64::MIN)
            };
            FieldError::text(format!("Ensure this value is {word} than or equal to {limit}."))
        })
    }
}
