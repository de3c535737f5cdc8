//! Organisation-wide API keys.

use crate::entity::master_api_keys as keys;
use crate::values::page;
use crate::{Conn, Result};
use liftgate_model::account::MasterKey;
use liftgate_model::{MasterKeyId, OrganisationId, Page, Slice, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

impl From<keys::Model> for MasterKey {
    fn from(row: keys::Model) -> Self {
        Self {
            id: MasterKeyId(row.id),
            organisation: OrganisationId(row.organisation_id),
            name: row.name,
            prefix: row.prefix,
            hash: row.hash,
            created_at: Timestamp(row.created_at),
            created_by: row.created_by.map(UserId),
            expires_at: row.expires_at.map(Timestamp),
            revoked: row.revoked,
            is_admin: row.is_admin,
        }
    }
}

/// A key to be stored.
pub struct NewMasterKey<'a> {
    /// The organisation it acts in.
    pub organisation: OrganisationId,
    /// Name.
    pub name: &'a str,
    /// The part before the point.
    pub prefix: &'a str,
    /// SHA-256 of the whole key.
    pub hash: &'a str,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// Until when it is accepted.
    pub expires_at: Option<Timestamp>,
}

/// Stores a key.
pub async fn create(c: &impl Conn, key: NewMasterKey<'_>, now: Timestamp) -> Result<MasterKey> {
    let row = keys::ActiveModel {
        organisation_id: Set(key.organisation.0),
        name: Set(key.name.to_owned()),
        prefix: Set(key.prefix.to_owned()),
        hash: Set(key.hash.to_owned()),
        created_at: Set(now.0),
        created_by: Set(key.created_by.map(|id| id.0)),
        expires_at: Set(key.expires_at.map(|at| at.0)),
        revoked: Set(false),
        is_admin: Set(true),
        ..Default::default()
    };
    Ok(keys::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// The keys of an organisation that are not revoked, by id.
pub async fn list(c: &impl Conn, organisation: OrganisationId, slice: Slice) -> Result<Page<MasterKey>> {
    let select = keys::Entity::find()
        .filter(keys::Column::OrganisationId.eq(organisation.0))
        .filter(keys::Column::Revoked.eq(false))
        .order_by_asc(keys::Column::Id);
    Ok(page(c.raw(), select, slice).await?.map(Into::into))
}

/// The key with that prefix, unless it is revoked.
pub async fn find_by_prefix(c: &impl Conn, prefix: &str) -> Result<Option<MasterKey>> {
    let select = keys::Entity::find()
        .filter(keys::Column::Prefix.eq(prefix))
        .filter(keys::Column::Revoked.eq(false));
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// Stores what may change about a key.
pub async fn update(c: &impl Conn, key: &MasterKey) -> Result<()> {
    let row = keys::ActiveModel {
        id: Set(key.id.0),
        name: Set(key.name.clone()),
        revoked: Set(key.revoked),
        expires_at: Set(key.expires_at.map(|at| at.0)),
        ..Default::default()
    };
    keys::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes a key.
pub async fn delete(c: &impl Conn, id: MasterKeyId) -> Result<()> {
    keys::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}
