//! Removes an identity.

use super::note_overrides;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ManageIdentities;
use crate::error::Result;
use crate::flags::identity_overrides::find_identity;
use liftgate_model::IdentityId;
use liftgate_store::identities;

/// Deletes an identity with its traits and overrides.
pub async fn delete(app: &App, on: &OnEnvironment<ManageIdentities>, id: IdentityId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, id).await?;
    note_overrides(&mut work, &on.environment, &identity).await?;
    identities::delete(&work.tx, id).await?;
    work.commit().await?;
    app.forget_identity(identity.environment, &identity.identifier);
    Ok(())
}
