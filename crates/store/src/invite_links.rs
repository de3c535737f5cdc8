//! Links by which members join.

use crate::entity::invite_links as links;
use crate::values::{named, time};
use crate::{Conn, Result};
use liftgate_model::account::InviteLink;
use liftgate_model::{InviteLinkId, OrganisationId, OrganisationRole, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

fn read(row: links::Model) -> Result<InviteLink> {
    Ok(InviteLink {
        id: InviteLinkId(row.id),
        hash: row.hash,
        role: named("invite_links", &row.role, OrganisationRole::parse)?,
        organisation: OrganisationId(row.organisation_id),
        expires_at: time(row.expires_at),
        created_at: Timestamp(row.created_at),
    })
}

/// Stores a link; its `id` is given by the database.
pub async fn create(c: &impl Conn, link: &InviteLink) -> Result<InviteLink> {
    let row = links::ActiveModel {
        organisation_id: Set(link.organisation.0),
        hash: Set(link.hash.clone()),
        role: Set(link.role.as_str().to_owned()),
        expires_at: Set(link.expires_at.map(|time| time.0)),
        created_at: Set(link.created_at.0),
        ..Default::default()
    };
    read(links::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// The links of an organisation, by id.
pub async fn list(c: &impl Conn, organisation: OrganisationId) -> Result<Vec<InviteLink>> {
    let select = links::Entity::find()
        .filter(links::Column::OrganisationId.eq(organisation.0))
        .order_by_asc(links::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// The link with that secret.
pub async fn find_by_hash(c: &impl Conn, hash: &str) -> Result<Option<InviteLink>> {
    let select = links::Entity::find().filter(links::Column::Hash.eq(hash));
    select.one(c.raw()).await?.map(read).transpose()
}

/// Removes a link of an organisation. Answers whether there was one.
pub async fn delete(c: &impl Conn, organisation: OrganisationId, id: InviteLinkId) -> Result<bool> {
    let removed = links::Entity::delete_many()
        .filter(links::Column::Id.eq(id.0))
        .filter(links::Column::OrganisationId.eq(organisation.0))
        .exec(c.raw())
        .await?;
    Ok(removed.rows_affected > 0)
}
