//! Traits with the identities they belong to.

use liftgate_delivery::{SentTrait, trait_json};
use liftgate_model::identity::TraitValue;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::form::rule::LongInteger;
use crate::form::{Form, Parse};
use crate::sdk::identities::wire::{IDENTIFIER_CHARACTERS, KEY_CHARACTERS, TraitValueRule};

/// An identity by its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TraitIdentity)]
pub struct Identity {
    /// At most 2,000 characters.
    #[schema(max_length = 2000)]
    pub(super) identifier: String,
}

impl Parse for Identity {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let identifier = form.text("identifier").max(IDENTIFIER_CHARACTERS).required();
        Some(Self {
            identifier: identifier?,
        })
    }
}

/// A trait to set.
#[derive(Debug, ToSchema)]
pub struct TraitToSet {
    pub(super) identity: Identity,
    /// Its name.
    #[schema(max_length = 200)]
    pub(super) trait_key: String,
    /// Text of at most 2,000 characters, a number or a boolean. Anything else is stored as its text.
    #[schema(value_type = Value)]
    pub(super) trait_value: TraitValue,
}

impl Parse for TraitToSet {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let identity = form.nested("identity").required();
        let trait_key = form.text("trait_key").max(KEY_CHARACTERS).required();
        let trait_value = form.field("trait_value", TraitValueRule).required();
        Some(Self {
            identity: identity?,
            trait_key: trait_key?,
            trait_value: trait_value?,
        })
    }
}

/// A trait to set or, without a value, to delete.
#[derive(Debug, ToSchema)]
pub struct TraitChange {
    identity: Identity,
    /// Its name.
    #[schema(max_length = 200)]
    trait_key: String,
    /// As of a trait to set; null deletes the trait, and so does none.
    #[schema(value_type = Value)]
    trait_value: Option<TraitValue>,
}

impl Parse for TraitChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let identity = form.nested("identity").required();
        let trait_key = form.text("trait_key").max(KEY_CHARACTERS).required();
        let trait_value = form.field("trait_value", TraitValueRule).nullable().optional();
        Some(Self {
            identity: identity?,
            trait_key: trait_key?,
            trait_value: trait_value?,
        })
    }
}

impl TraitChange {
    /// The identity, and what changes about it.
    pub(super) fn split(self) -> (String, SentTrait) {
        let sent = SentTrait {
            key: self.trait_key,
            value: self.trait_value,
            is_transient: false,
        };
        (self.identity.identifier, sent)
    }
}

/// A trait with its identity.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredTrait {
    identity: Identity,
    trait_key: String,
    trait_value: Value,
}

impl StoredTrait {
    pub(in crate::sdk) fn new(identifier: &str, key: &str, value: Option<&TraitValue>) -> Self {
        Self {
            identity: Identity {
                identifier: identifier.to_owned(),
            },
            trait_key: key.to_owned(),
            trait_value: value.map_or(Value::Null, trait_json),
        }
    }
}

/// An integer to add to a trait.
#[derive(Debug, ToSchema)]
pub struct ValueIncrement {
    /// The identity.
    #[schema(max_length = 2000)]
    pub(super) identifier: String,
    /// The trait's name.
    #[schema(max_length = 200)]
    pub(super) trait_key: String,
    /// May be negative.
    pub(super) increment_by: i64,
}

impl Parse for ValueIncrement {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let trait_key = form.text("trait_key").max(KEY_CHARACTERS).required();
        let increment_by = form.field("increment_by", LongInteger).required();
        let identifier = form.text("identifier").max(IDENTIFIER_CHARACTERS).required();
        Some(Self {
            identifier: identifier?,
            trait_key: trait_key?,
            increment_by: increment_by?,
        })
    }
}

/// A trait that was added to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Incremented {
    pub(super) trait_key: String,
    pub(super) trait_value: i64,
    pub(super) identifier: String,
}
