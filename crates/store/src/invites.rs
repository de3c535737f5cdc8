//! Invitations by mail.

use crate::entity::{invite_groups, invites};
use crate::values::{insert_all, named, one_of, page};
use crate::{Conn, Result};
use liftgate_model::account::Invite;
use liftgate_model::{GroupId, InviteId, OrganisationId, OrganisationRole, Page, Slice, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Gives rows their groups: one statement.
async fn complete(c: &impl Conn, rows: Vec<invites::Model>) -> Result<Vec<Invite>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut groups: HashMap<i32, Vec<GroupId>> = HashMap::new();
    let led = invite_groups::Entity::find()
        .filter(one_of(
            invite_groups::Column::InviteId,
            rows.iter().map(|row| row.id),
        ))
        .order_by_asc(invite_groups::Column::GroupId);
    for row in led.all(c.raw()).await? {
        groups
            .entry(row.invite_id)
            .or_default()
            .push(GroupId(row.group_id));
    }
    rows.into_iter()
        .map(|row| {
            let groups = groups.remove(&row.id).unwrap_or_default();
            read(row, groups)
        })
        .collect()
}

fn read(row: invites::Model, groups: Vec<GroupId>) -> Result<Invite> {
    Ok(Invite {
        id: InviteId(row.id),
        hash: row.hash,
        email: row.email,
        role: named("invites", &row.role, OrganisationRole::parse)?,
        organisation: OrganisationId(row.organisation_id),
        invited_by: row.invited_by.map(UserId),
        groups,
        created_at: Timestamp(row.created_at),
    })
}

/// Stores an invitation with its groups; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the address was invited before.
pub async fn create(c: &impl Conn, invite: &Invite) -> Result<Invite> {
    let row = invites::ActiveModel {
        hash: Set(invite.hash.clone()),
        email: Set(invite.email.clone()),
        role: Set(invite.role.as_str().to_owned()),
        organisation_id: Set(invite.organisation.0),
        invited_by: Set(invite.invited_by.map(|id| id.0)),
        created_at: Set(invite.created_at.0),
        ..Default::default()
    };
    let row = invites::Entity::insert(row).exec_with_returning(c.raw()).await?;
    let rows = invite.groups.iter().map(|group| invite_groups::ActiveModel {
        invite_id: Set(row.id),
        group_id: Set(group.0),
    });
    insert_all(c, rows.collect(), None).await?;
    read(row, invite.groups.clone())
}

/// The invitations of an organisation, by id.
pub async fn list(c: &impl Conn, organisation: OrganisationId, slice: Slice) -> Result<Page<Invite>> {
    let select = invites::Entity::find()
        .filter(invites::Column::OrganisationId.eq(organisation.0))
        .order_by_asc(invites::Column::Id);
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: complete(c, rows.items).await?,
    })
}

/// The invitation with that id in an organisation.
pub async fn find(c: &impl Conn, organisation: OrganisationId, id: InviteId) -> Result<Option<Invite>> {
    let select = invites::Entity::find_by_id(id.0).filter(invites::Column::OrganisationId.eq(organisation.0));
    Ok(complete(c, select.all(c.raw()).await?).await?.pop())
}

/// The invitation with that secret.
pub async fn find_by_hash(c: &impl Conn, hash: &str) -> Result<Option<Invite>> {
    let select = invites::Entity::find().filter(invites::Column::Hash.eq(hash));
    Ok(complete(c, select.all(c.raw()).await?).await?.pop())
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
