//! What groups were granted on organisations, projects and environments.

use crate::entity::{group_grants as grants, group_members as members};
use crate::grants::Level;
use crate::{Conn, Error, Result};
use liftgate_model::{GroupId, UserId};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

/// What one group was granted on one resource.
#[derive(Debug, Clone)]
pub struct GroupGrant {
    /// Row id.
    pub id: i32,
    /// The group.
    pub group: GroupId,
    /// The id of the organisation, project or environment.
    pub resource: i32,
    /// Whether everything is granted.
    pub is_admin: bool,
    /// Permission keys.
    pub permissions: Vec<String>,
}

fn read(row: grants::Model) -> Result<GroupGrant> {
    Ok(GroupGrant {
        id: row.id,
        group: GroupId(row.group_id),
        resource: row.resource_id,
        is_admin: row.is_admin,
        permissions: serde_json::from_value(row.permissions)
            .map_err(|error| Error::corrupt("group_grants", error.to_string()))?,
    })
}

fn on(level: Level) -> Select<grants::Entity> {
    grants::Entity::find()
        .filter(grants::Column::Level.eq(level.as_str()))
        .order_by_asc(grants::Column::Id)
}

async fn all(c: &impl Conn, select: Select<grants::Entity>) -> Result<Vec<GroupGrant>> {
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Stores a grant.
///
/// # Errors
/// `Conflict` when the group has one on this resource.
pub async fn create(
    c: &impl Conn,
    level: Level,
    resource: i32,
    group: GroupId,
    is_admin: bool,
    permissions: &[String],
) -> Result<GroupGrant> {
    let row = grants::ActiveModel {
        group_id: Set(group.0),
        level: Set(level.as_str().to_owned()),
        resource_id: Set(resource),
        is_admin: Set(is_admin),
        permissions: Set(permissions.into()),
        ..Default::default()
    };
    read(grants::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// Replaces what a grant gives.
pub async fn update(c: &impl Conn, grant: &GroupGrant) -> Result<()> {
    let row = grants::ActiveModel {
        id: Set(grant.id),
        is_admin: Set(grant.is_admin),
        permissions: Set(grant.permissions.clone().into()),
        ..Default::default()
    };
    grants::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes a grant.
pub async fn delete(c: &impl Conn, id: i32) -> Result<()> {
    grants::Entity::delete_by_id(id).exec(c.raw()).await?;
    Ok(())
}

/// The grants on one resource, by id.
pub async fn list(c: &impl Conn, level: Level, resource: i32) -> Result<Vec<GroupGrant>> {
    all(c, on(level).filter(grants::Column::ResourceId.eq(resource))).await
}

/// The grant with that id on one resource.
pub async fn find(c: &impl Conn, level: Level, resource: i32, id: i32) -> Result<Option<GroupGrant>> {
    let select = on(level)
        .filter(grants::Column::ResourceId.eq(resource))
        .filter(grants::Column::Id.eq(id));
    Ok(all(c, select).await?.pop())
}

/// What the groups of a user were granted on a level: on every resource, or on one.
pub async fn list_for_user(
    c: &impl Conn,
    level: Level,
    resource: Option<i32>,
    user: UserId,
) -> Result<Vec<GroupGrant>> {
    let of = Query::select()
        .column(members::Column::GroupId)
        .from(members::Entity)
        .and_where(members::Column::UserId.eq(user.0))
        .to_owned();
    let mut select = on(level).filter(grants::Column::GroupId.in_subquery(of));
    if let Some(resource) = resource {
        select = select.filter(grants::Column::ResourceId.eq(resource));
    }
    all(c, select).await
}
