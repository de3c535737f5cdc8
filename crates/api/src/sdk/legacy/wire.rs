//! What the first SDKs send and get.

use liftgate_delivery::trait_json;
use liftgate_model::identity::TraitValue;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::extract::path::TextName;
use crate::form::{Form, Parse};
use crate::sdk::identities::wire::TraitValueRule;

/// The identity in the path.
#[derive(Debug)]
pub(super) struct Identifier;

impl TextName for Identifier {
    const NAME: &'static str = "identifier";
}

/// The trait's name in the path.
#[derive(Debug)]
pub(super) struct TraitKey;

impl TextName for TraitKey {
    const NAME: &'static str = "trait_key";
}

/// The value of the trait that the path names.
#[derive(Debug, ToSchema)]
pub struct TraitValueBody {
    /// Text of at most 2,000 characters, a number, a boolean, or null to delete it.
    #[schema(value_type = Value)]
    pub(super) trait_value: Option<TraitValue>,
}

impl Parse for TraitValueBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let trait_value = form.field("trait_value", TraitValueRule).required_nullable();
        Some(Self {
            trait_value: trait_value?,
        })
    }
}

/// A trait with its identity.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredTrait {
    identity: Identity,
    trait_key: String,
    trait_value: Value,
}

/// An identity by its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TraitIdentity)]
struct Identity {
    identifier: String,
}

impl StoredTrait {
    pub(super) fn new(identifier: &str, key: &str, value: Option<&TraitValue>) -> Self {
        Self {
            identity: Identity {
                identifier: identifier.to_owned(),
            },
            trait_key: key.to_owned(),
            trait_value: value.map_or(Value::Null, trait_json),
        }
    }
}
