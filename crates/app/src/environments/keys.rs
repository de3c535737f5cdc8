//! The server-side keys of an environment.

use super::{KEY_CHARACTERS, SERVER_KEY_PREFIX};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::environment::EnvironmentKey;
use liftgate_model::{EnvironmentKeyId, Timestamp};
use liftgate_store::{Conn, environments};

/// A key as it is asked for.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Name.
    pub name: String,
    /// Whether it is accepted.
    pub active: bool,
    /// Until when it is accepted.
    pub expires_at: Option<Timestamp>,
}

/// What to change. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// Name.
    pub name: Option<String>,
    /// Whether it is accepted.
    pub active: Option<bool>,
    /// Until when it is accepted; the inner `None` means for good.
    pub expires_at: Option<Option<Timestamp>>,
}

/// The keys, by id.
pub async fn list_keys(app: &App, on: &OnEnvironment<Admin>) -> Result<Vec<EnvironmentKey>> {
    Ok(environments::list_keys(&app.store.reader(), on.environment.id).await?)
}

/// Makes a key; it is accepted when this returns.
pub async fn create_key(app: &App, on: &OnEnvironment<Admin>, new: NewKey) -> Result<EnvironmentKey> {
    let mut work = app.begin(&on.actor).await?;
    let key = EnvironmentKey {
        id: EnvironmentKeyId(0),
        environment: on.environment.id,
        key: format!("{SERVER_KEY_PREFIX}{}", app.random.alphanumeric(KEY_CHARACTERS)),
        name: new.name,
        active: new.active,
        created_at: work.now,
        expires_at: new.expires_at,
    };
    let key = environments::create_key(&work.tx, &key).await?;
    work.changes(on.environment.id);
    work.commit().await?;
    Ok(key)
}

/// Changes a key.
pub async fn update_key(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: EnvironmentKeyId,
    change: KeyChange,
) -> Result<EnvironmentKey> {
    let mut work = app.begin(&on.actor).await?;
    let mut key = find(&work.tx, on, id).await?;
    key.name = change.name.unwrap_or(key.name);
    key.active = change.active.unwrap_or(key.active);
    key.expires_at = change.expires_at.unwrap_or(key.expires_at);
    environments::update_key(&work.tx, &key).await?;
    work.changes(on.environment.id);
    work.commit().await?;
    Ok(key)
}

/// Removes a key; it is refused when this returns.
pub async fn delete_key(app: &App, on: &OnEnvironment<Admin>, id: EnvironmentKeyId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let key = find(&work.tx, on, id).await?;
    environments::delete_key(&work.tx, key.id).await?;
    work.changes(on.environment.id);
    work.commit().await
}

async fn find(conn: &impl Conn, on: &OnEnvironment<Admin>, id: EnvironmentKeyId) -> Result<EnvironmentKey> {
    let found = environments::find_key(conn, on.environment.id, id).await?;
    found.ok_or_else(|| Error::missing("EnvironmentAPIKey"))
}
