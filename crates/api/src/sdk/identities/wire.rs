//! What callers send about an identity.

use liftgate_delivery::{IdentityCall, SentTrait, trait_value_of_json};
use liftgate_model::identity::TraitValue;
use serde_json::Value;
use utoipa::ToSchema;

use crate::form::rule::{Boolean, Rule};
use crate::form::{FieldError, Form, Mode, Parse};

/// Most characters of an identifier.
pub(in crate::sdk) const IDENTIFIER_CHARACTERS: usize = 2_000;
/// Most characters of a trait's key.
pub(in crate::sdk) const KEY_CHARACTERS: usize = 200;
/// Most characters of a trait's text.
pub(in crate::sdk) const VALUE_CHARACTERS: usize = 2_000;

/// The query that names an identity.
pub(super) struct IdentityQuery {
    /// Empty when missing.
    pub(super) identifier: String,
    pub(super) is_transient: bool,
}

impl Parse for IdentityQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let identifier = form
            .text("identifier")
            .untrimmed()
            .blank()
            .max(IDENTIFIER_CHARACTERS);
        let identifier = identifier.or(String::new());
        let is_transient = form.field("transient", Lenient).or(false);
        Some(Self {
            identifier: identifier?,
            is_transient: is_transient?,
        })
    }
}

/// A boolean of which text that says neither counts as true, as in the reference, where any text does.
struct Lenient;

impl Rule for Lenient {
    type Out = bool;

    fn read(&self, value: &Value, mode: Mode) -> Result<bool, FieldError> {
        Ok(value.as_str() != Some("") && Boolean.read(value, mode).unwrap_or(true))
    }
}

/// An identity with traits.
#[derive(Debug, ToSchema)]
pub struct Identify {
    /// The identity; without one, the traits make it up and nothing is stored.
    identifier: Option<String>,
    /// Whether nothing is stored.
    transient: bool,
    /// Traits to set, or with null to delete.
    traits: Vec<NewTrait>,
}

/// A trait of an identity.
#[derive(Debug, ToSchema)]
pub struct NewTrait {
    /// Its name.
    #[schema(max_length = 200)]
    trait_key: String,
    /// Text of at most 2,000 characters, a number, a boolean, or null to delete it. Anything else is stored as its text.
    #[schema(value_type = Value)]
    trait_value: Option<TraitValue>,
    /// Whether it counts for this call only.
    transient: bool,
}

impl Parse for Identify {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let identifier = form
            .text("identifier")
            .nullable()
            .blank()
            .max(IDENTIFIER_CHARACTERS);
        let identifier = identifier.optional();
        let transient = form.boolean("transient").or(false);
        let traits = form.objects("traits").or(Vec::new());
        Some(Self {
            identifier: identifier?,
            transient: transient?,
            traits: traits?,
        })
    }
}

impl Parse for NewTrait {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let trait_key = form.text("trait_key").max(KEY_CHARACTERS).required();
        let trait_value = form.field("trait_value", TraitValueRule).required_nullable();
        let transient = form.boolean("transient").or(false);
        Some(Self {
            trait_key: trait_key?,
            trait_value: trait_value?,
            transient: transient?,
        })
    }
}

/// Any JSON as a trait value.
pub(in crate::sdk) struct TraitValueRule;

impl Rule for TraitValueRule {
    type Out = TraitValue;

    fn read(&self, value: &Value, _mode: Mode) -> Result<TraitValue, FieldError> {
        let value =
            trait_value_of_json(value).ok_or_else(|| FieldError::text("This field may not be null."))?;
        if let TraitValue::Text(text) = &value {
            if text.chars().count() > VALUE_CHARACTERS {
                return Err(FieldError::text(format!(
                    "Value string is too long. Must be less than {VALUE_CHARACTERS} character"
                )));
            }
            if text.contains('\0') {
                return Err(FieldError::text("Null characters are not allowed."));
            }
        }
        Ok(value)
    }

    fn takes_blank(&self) -> bool {
        true
    }
}

impl From<Identify> for IdentityCall {
    fn from(wire: Identify) -> Self {
        let traits = wire.traits.into_iter().map(|wire| SentTrait {
            key: wire.trait_key,
            value: wire.trait_value,
            is_transient: wire.transient,
        });
        Self {
            identifier: wire.identifier,
            is_transient: wire.transient,
            traits: traits.collect(),
        }
    }
}
