//! What identities look like on the wire.

use liftgate_model::identity::Identity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Form, Parse, Patch};

/// An identity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identity)]
pub struct IdentityBody {
    /// Id.
    pub id: i32,
    /// The name that clients use.
    #[schema(max_length = 2000, example = "alice@example.com")]
    pub identifier: String,
    /// The id of the environment.
    pub environment: i32,
}

impl From<Identity> for IdentityBody {
    fn from(identity: Identity) -> Self {
        Self {
            id: identity.id.0,
            identifier: identity.identifier,
            environment: identity.environment.0,
        }
    }
}

/// The identifier of an identity to make, or its new one.
#[derive(Debug, ToSchema)]
#[schema(as = NewIdentity)]
pub struct IdentifierBody {
    /// The name that clients use, unique in the environment.
    #[schema(value_type = String, max_length = 2000, example = "alice@example.com")]
    pub identifier: Patch<String>,
}

impl Parse for IdentifierBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let identifier = form.text("identifier").max(2000).change_required();
        Some(Self {
            identifier: identifier?,
        })
    }
}
