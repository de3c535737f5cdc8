//! Invitations by mail.

use crate::entity::invites;
use crate::values::{named, page};
use crate::{Conn, Result};
use liftgate_model::account::Invite;
use liftgate_model::{InviteId, OrganisationId, OrganisationRole, Page, Slice, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

fn read(row: invites::Model) -> Result<Invite> {
    Ok(Invite {
        id: InviteId(row.id),
        hash: row.hash,
        email: row.email,
        role: named("invites", &row.role, OrganisationRole::parse)?,
        organisation: OrganisationId(row.organisation_id),
        invited_by: row.invited_by.map(UserId),
        created_at: Timestamp(row.created_at),
    })
}

/// Stores an invitation.
///
/// # Errors
/// `Conflict` when the address was invited before.
pub async fn create(
    c: &impl Conn,
    organisation: OrganisationId,
    email: &str,
    role: OrganisationRole,
    invited_by: Option<UserId>,
    hash: &str,
    now: Timestamp,
) -> Result<Invite> {
    let row = invites::ActiveModel {
        hash: Set(hash.to_owned()),
        email: Set(email.to_owned()),
        role: Set(role.as_str().to_owned()),
        organisation_id: Set(organisation.0),
        invited_by: Set(invited_by.map(|id| id.0)),
        created_at: Set(now.0),
        ..Default::default()
    };
    read(invites::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// The invitations of an organisation, by id.
pub async fn list(c: &impl Conn, organisation: OrganisationId, slice: Slice) -> Result<Page<Invite>> {
    let select = invites::Entity::find()
        .filter(invites::Column::OrganisationId.eq(organisation.0))
        .order_by_asc(invites::Column::Id);
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: rows.items.into_iter().map(read).collect::<Result<_>>()?,
    })
}

/// The invitation with that id in an organisation.
pub async fn find(c: &impl Conn, organisation: OrganisationId, id: InviteId) -> Result<Option<Invite>> {
    let select = invites::Entity::find_by_id(id.0).filter(invites::Column::OrganisationId.eq(organisation.0));
    select.one(c.raw()).await?.map(read).transpose()
}

/// The invitation with that secret.
pub async fn find_by_hash(c: &impl Conn, hash: &str) -> Result<Option<Invite>> {
    invites::Entity::find()
        .filter(invites::Column::Hash.eq(hash))
        .one(c.raw())
        .await?
        .map(read)
        .transpose()
}

/// Whether an address was invited, to any organisation or to the given one.
pub async fn is_invited(c: &impl Conn, email: &str, organisation: Option<OrganisationId>) -> Result<bool> {
    let mut select = invites::Entity::find().filter(invites::Column::Email.eq(email));
    if let Some(organisation) = organisation {
        select = select.filter(invites::Column::OrganisationId.eq(organisation.0));
    }
    Ok(select.one(c.raw()).await?.is_some())
}

/// Removes an invitation.
pub async fn delete(c: &impl Conn, id: InviteId) -> Result<()> {
    invites::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}
