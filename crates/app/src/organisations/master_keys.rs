//! Organisation-wide API keys. The key is shown once; its SHA-256 is kept.

use crate::access::OnOrganisation;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::{App, tokens};
use liftgate_model::account::MasterKey;
use liftgate_model::{Page, Secret, Slice, Timestamp};
use liftgate_store::{Conn, master_keys};

/// Letters and digits before the point.
const PREFIX_CHARACTERS: usize = 8;
/// Letters and digits after it; 256 bits.
const SECRET_CHARACTERS: usize = 43;

/// A key as it is asked for.
#[derive(Debug, Clone)]
pub struct NewMasterKey {
    /// Name.
    pub name: String,
    /// Until when it is accepted.
    pub expires_at: Option<Timestamp>,
}

/// What to change. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct MasterKeyChange {
    /// Name.
    pub name: Option<String>,
    /// Whether it is revoked; that cannot be undone, as a revoked key is found no more.
    pub revoked: Option<bool>,
    /// Until when it is accepted; the inner `None` means for good.
    pub expires_at: Option<Option<Timestamp>>,
}

/// The keys that are not revoked, by id.
pub async fn list_master_keys(
    app: &App,
    on: &OnOrganisation<Admin>,
    slice: Slice,
) -> Result<Page<MasterKey>> {
    Ok(master_keys::list(&app.store.reader(), on.organisation.id, slice).await?)
}

/// The key with that prefix.
pub async fn find_master_key(app: &App, on: &OnOrganisation<Admin>, prefix: &str) -> Result<MasterKey> {
    find(&app.store.reader(), on, prefix).await
}

/// Makes a key; answers it in full, for the only time.
pub async fn create_master_key(
    app: &App,
    on: &OnOrganisation<Admin>,
    new: NewMasterKey,
) -> Result<(MasterKey, Secret)> {
    let prefix = app.random.alphanumeric(PREFIX_CHARACTERS);
    let secret = app.random.alphanumeric(SECRET_CHARACTERS);
    let key = format!("{prefix}.{secret}");
    let row = master_keys::NewMasterKey {
        organisation: on.organisation.id,
        name: &new.name,
        prefix: &prefix,
        hash: &tokens::hash(&key),
        created_by: on.actor.user_id(),
        expires_at: new.expires_at,
    };
    let tx = app.store.begin().await?;
    let made = master_keys::create(&tx, row, app.clock.now()).await?;
    tx.commit().await?;
    Ok((made, Secret::new(key)))
}

/// Changes a key.
pub async fn update_master_key(
    app: &App,
    on: &OnOrganisation<Admin>,
    prefix: &str,
    change: MasterKeyChange,
) -> Result<MasterKey> {
    let tx = app.store.begin().await?;
    let mut key = find(&tx, on, prefix).await?;
    key.name = change.name.unwrap_or(key.name);
    key.revoked = change.revoked.unwrap_or(key.revoked);
    key.expires_at = change.expires_at.unwrap_or(key.expires_at);
    master_keys::update(&tx, &key).await?;
    tx.commit().await?;
    Ok(key)
}

/// Removes a key; it is refused from now on.
pub async fn delete_master_key(app: &App, on: &OnOrganisation<Admin>, prefix: &str) -> Result<()> {
    let tx = app.store.begin().await?;
    let key = find(&tx, on, prefix).await?;
    master_keys::delete(&tx, key.id).await?;
    Ok(tx.commit().await?)
}

async fn find(conn: &impl Conn, on: &OnOrganisation<Admin>, prefix: &str) -> Result<MasterKey> {
    let found = master_keys::find_by_prefix(conn, prefix).await?;
    found
        .filter(|key| key.organisation == on.organisation.id)
        .ok_or_else(|| Error::missing("MasterAPIKey"))
}
