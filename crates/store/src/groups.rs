//! Groups of organisations, and who is in them.

use crate::entity::{group_members as members, groups, users};
use crate::values::{insert_all, one_of};
use crate::{Conn, Result};
use liftgate_model::account::{Group, GroupMember};
use liftgate_model::{GroupId, OrganisationId, UserId};
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

impl From<groups::Model> for Group {
    fn from(row: groups::Model) -> Self {
        Self {
            id: GroupId(row.id),
            organisation: OrganisationId(row.organisation_id),
            name: row.name,
            is_default: row.is_default,
            external_id: row.external_id,
        }
    }
}

fn columns(group: &Group) -> groups::ActiveModel {
    groups::ActiveModel {
        name: Set(group.name.clone()),
        is_default: Set(group.is_default),
        external_id: Set(group.external_id.clone()),
        ..Default::default()
    }
}

/// Stores a group; its `id` is given by the database.
pub async fn create(c: &impl Conn, group: &Group) -> Result<Group> {
    let row = groups::ActiveModel {
        organisation_id: Set(group.organisation.0),
        ..columns(group)
    };
    let row = groups::Entity::insert(row).exec_with_returning(c.raw()).await?;
    Ok(row.into())
}

/// Stores what changed about a group.
pub async fn update(c: &impl Conn, group: &Group) -> Result<()> {
    let row = groups::ActiveModel {
        id: Set(group.id.0),
        ..columns(group)
    };
    groups::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes a group with its memberships, grants and ownerships.
pub async fn delete(c: &impl Conn, id: GroupId) -> Result<()> {
    groups::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// The groups of an organisation, by id.
pub async fn list(c: &impl Conn, organisation: OrganisationId) -> Result<Vec<Group>> {
    let select = groups::Entity::find()
        .filter(groups::Column::OrganisationId.eq(organisation.0))
        .order_by_asc(groups::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// Those of the groups that there are, by id.
pub async fn list_by_ids(c: &impl Conn, ids: &[GroupId]) -> Result<Vec<Group>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = groups::Entity::find()
        .filter(one_of(groups::Column::Id, ids.iter().map(|id| id.0)))
        .order_by_asc(groups::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// The groups of an organisation a user is in, by id, each with whether they administer it.
pub async fn list_for_user(
    c: &impl Conn,
    organisation: OrganisationId,
    user: UserId,
) -> Result<Vec<(Group, bool)>> {
    let select = members::Entity::find().filter(members::Column::UserId.eq(user.0));
    let administers: HashMap<i32, bool> = select
        .all(c.raw())
        .await?
        .into_iter()
        .map(|row| (row.group_id, row.is_admin))
        .collect();
    let ids: Vec<GroupId> = administers.keys().copied().map(GroupId).collect();
    let mut found = list_by_ids(c, &ids).await?;
    found.retain(|group| group.organisation == organisation);
    Ok(found
        .into_iter()
        .map(|group| {
            let is_admin = administers.get(&group.id.0).copied().unwrap_or_default();
            (group, is_admin)
        })
        .collect())
}

/// Who is in each of the groups, by user id.
pub async fn list_members(c: &impl Conn, ids: &[GroupId]) -> Result<HashMap<GroupId, Vec<GroupMember>>> {
    let mut found: HashMap<GroupId, Vec<GroupMember>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let select = members::Entity::find()
        .filter(one_of(members::Column::GroupId, ids.iter().map(|id| id.0)))
        .order_by_asc(members::Column::UserId);
    let rows = select.all(c.raw()).await?;
    let people: HashMap<i32, users::Model> = users::Entity::find()
        .filter(one_of(users::Column::Id, rows.iter().map(|row| row.user_id)))
        .all(c.raw())
        .await?
        .into_iter()
        .map(|user| (user.id, user))
        .collect();
    for row in rows {
        if let Some(user) = people.get(&row.user_id) {
            found.entry(GroupId(row.group_id)).or_default().push(GroupMember {
                user: user.clone().into(),
                is_admin: row.is_admin,
            });
        }
    }
    Ok(found)
}

/// Takes users into a group; who is in it stays as they are.
pub async fn add_members(c: &impl Conn, group: GroupId, people: &[UserId]) -> Result<()> {
    let rows = people.iter().map(|user| members::ActiveModel {
        group_id: Set(group.0),
        user_id: Set(user.0),
        is_admin: Set(false),
    });
    let known = OnConflict::columns([members::Column::GroupId, members::Column::UserId])
        .do_nothing()
        .to_owned();
    insert_all(c, rows.collect(), Some(known)).await?;
    Ok(())
}

/// Takes users out of a group.
pub async fn remove_members(c: &impl Conn, group: GroupId, people: &[UserId]) -> Result<()> {
    members::Entity::delete_many()
        .filter(members::Column::GroupId.eq(group.0))
        .filter(one_of(members::Column::UserId, people.iter().map(|id| id.0)))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Takes a user out of every group of an organisation.
pub async fn remove_user(c: &impl Conn, organisation: OrganisationId, user: UserId) -> Result<()> {
    let of = Query::select()
        .column(groups::Column::Id)
        .from(groups::Entity)
        .and_where(groups::Column::OrganisationId.eq(organisation.0))
        .to_owned();
    members::Entity::delete_many()
        .filter(members::Column::UserId.eq(user.0))
        .filter(members::Column::GroupId.in_subquery(of))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Stores whether a member administers a group. Answers whether there is such a member.
pub async fn update_admin(c: &impl Conn, group: GroupId, user: UserId, is_admin: bool) -> Result<bool> {
    let changed = members::Entity::update_many()
        .set(members::ActiveModel {
            is_admin: Set(is_admin),
            ..Default::default()
        })
        .filter(members::Column::GroupId.eq(group.0))
        .filter(members::Column::UserId.eq(user.0))
        .exec(c.raw())
        .await?;
    Ok(changed.rows_affected > 0)
}
