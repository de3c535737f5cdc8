//! What the first SDKs send and get.

use liftgate_model::identity::TraitValue;
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
