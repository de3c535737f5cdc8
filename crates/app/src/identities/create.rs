//! Makes an identity.

use super::taken;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ManageIdentities;
use crate::error::Result;
use liftgate_model::identity::Identity;
use liftgate_store::identities;

/// Creates an identity. The identifier has 1 to 2,000 characters.
///
/// # Errors
/// `Invalid` when the environment has one of that identifier.
pub async fn create(app: &App, on: &OnEnvironment<ManageIdentities>, identifier: &str) -> Result<Identity> {
    let work = app.begin(&on.actor).await?;
    let environment = on.environment.id;
    let identity = match identities::create(&work.tx, environment, identifier, work.now).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(taken(identifier)),
        other => other?,
    };
    work.commit().await?;
    app.forget_identity(environment, identifier);
    Ok(identity)
}
