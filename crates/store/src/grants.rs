//! What users were granted on organisations, projects and environments.

use crate::entity::permission_grants as grants;
use crate::values::one_of;
use crate::{Conn, Error, Result};
use liftgate_model::UserId;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// On what a permission is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// An organisation.
    Organisation,
    /// A project.
    Project,
    /// An environment.
    Environment,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Project => "project",
            Self::Environment => "environment",
        }
    }
}

/// What one user was granted on one resource.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Row id.
    pub id: i32,
    /// The user.
    pub user: UserId,
    /// The id of the organisation, project or environment.
    pub resource: i32,
    /// Whether everything is granted.
    pub is_admin: bool,
    /// Permission keys.
    pub permissions: Vec<String>,
}

fn read(row: grants::Model) -> Result<Grant> {
    Ok(Grant {
        id: row.id,
        user: UserId(row.user_id),
        resource: row.resource_id,
        is_admin: row.is_admin,
        permissions: serde_json::from_value(row.permissions)
            .map_err(|error| Error::corrupt("permission_grants", error.to_string()))?,
    })
}

/// Stores a grant.
///
/// # Errors
/// `Conflict` when the user has one on this resource.
pub async fn create(
    c: &impl Conn,
    level: Level,
    resource: i32,
    user: UserId,
    is_admin: bool,
    permissions: &[String],
) -> Result<Grant> {
    let row = grants::ActiveModel {
        user_id: Set(user.0),
        level: Set(level.as_str().to_owned()),
        resource_id: Set(resource),
        is_admin: Set(is_admin),
        permissions: Set(permissions.into()),
        ..Default::default()
    };
    read(grants::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// Replaces what a grant gives.
pub async fn update(c: &impl Conn, grant: &Grant) -> Result<()> {
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
pub async fn list(c: &impl Conn, level: Level, resource: i32) -> Result<Vec<Grant>> {
    let select = grants::Entity::find()
        .filter(grants::Column::Level.eq(level.as_str()))
        .filter(grants::Column::ResourceId.eq(resource))
        .order_by_asc(grants::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// Every grant of a user on one level.
pub async fn list_for_user(c: &impl Conn, level: Level, user: UserId) -> Result<Vec<Grant>> {
    let select = grants::Entity::find()
        .filter(grants::Column::Level.eq(level.as_str()))
        .filter(grants::Column::UserId.eq(user.0));
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// The grant with that id on one resource.
pub async fn find_by_id(c: &impl Conn, level: Level, resource: i32, id: i32) -> Result<Option<Grant>> {
    let select = grants::Entity::find_by_id(id)
        .filter(grants::Column::Level.eq(level.as_str()))
        .filter(grants::Column::ResourceId.eq(resource));
    select.one(c.raw()).await?.map(read).transpose()
}

/// The grant of a user on one resource.
pub async fn find(c: &impl Conn, level: Level, resource: i32, user: UserId) -> Result<Option<Grant>> {
    let select = grants::Entity::find()
        .filter(grants::Column::Level.eq(level.as_str()))
        .filter(grants::Column::ResourceId.eq(resource))
        .filter(grants::Column::UserId.eq(user.0));
    select.one(c.raw()).await?.map(read).transpose()
}

/// Removes whatever a user was granted on the resources of a level.
pub async fn delete_for_user(c: &impl Conn, level: Level, resources: &[i32], user: UserId) -> Result<()> {
    grants::Entity::delete_many()
        .filter(grants::Column::Level.eq(level.as_str()))
        .filter(one_of(grants::Column::ResourceId, resources.iter().copied()))
        .filter(grants::Column::UserId.eq(user.0))
        .exec(c.raw())
        .await?;
    Ok(())
}
