//! The stored traits of an environment's identities, all together.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::{Admin, ViewEnvironment};
use crate::error::Result;
use liftgate_store::identities;

/// The keys in use, sorted.
pub async fn list_trait_keys(app: &App, on: &OnEnvironment<ViewEnvironment>) -> Result<Vec<String>> {
    Ok(identities::list_trait_keys(&app.store.reader(), on.environment.id).await?)
}

/// Removes a trait from every identity.
pub async fn delete_trait(app: &App, on: &OnEnvironment<Admin>, key: &str) -> Result<()> {
    let work = app.begin(&on.actor).await?;
    identities::delete_trait_everywhere(&work.tx, on.environment.id, key).await?;
    work.commit().await?;
    app.forget_identities(on.environment.id);
    Ok(())
}
