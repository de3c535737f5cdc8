//! Renames an identity.

use super::{note_overrides, taken};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ManageIdentities;
use crate::error::Result;
use crate::flags::identity_overrides::find_identity;
use liftgate_model::IdentityId;
use liftgate_model::identity::Identity;
use liftgate_store::identities;

/// Gives an identity another identifier. It keeps traits and overrides; splits may draw it differently, because they
/// hash the identifier. `None`, and the identifier it has, change nothing.
///
/// # Errors
/// `Invalid` when the environment has another identity of that identifier.
pub async fn update(
    app: &App,
    on: &OnEnvironment<ManageIdentities>,
    id: IdentityId,
    identifier: Option<String>,
) -> Result<Identity> {
    let mut work = app.begin(&on.actor).await?;
    let before = find_identity(&work.tx, &on.environment, id).await?;
    let Some(identifier) = identifier.filter(|identifier| *identifier != before.identifier) else {
        return Ok(before);
    };
    match identities::update_identifier(&work.tx, id, &identifier).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(taken(&identifier)),
        other => other?,
    }
    note_overrides(&mut work, &on.environment, &before).await?;
    work.commit().await?;
    app.forget_identity(before.environment, &before.identifier);
    app.forget_identity(before.environment, &identifier);
    Ok(Identity { identifier, ..before })
}
