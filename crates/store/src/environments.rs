//! Environments and their server-side keys.

use crate::entity::{environment_keys as keys, environments};
use crate::values::{name_key, one_of, page};
use crate::{Conn, Result, changes};
use liftgate_model::environment::{Environment, EnvironmentKey};
use liftgate_model::{EnvironmentId, EnvironmentKeyId, Page, ProjectId, Slice, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

impl From<environments::Model> for Environment {
    fn from(row: environments::Model) -> Self {
        Self {
            id: EnvironmentId(row.id),
            uuid: row.uuid,
            name: row.name,
            api_key: row.api_key,
            description: row.description,
            project: ProjectId(row.project_id),
            minimum_change_request_approvals: row.minimum_change_request_approvals,
            allow_client_traits: row.allow_client_traits,
            banner_text: row.banner_text,
            banner_colour: row.banner_colour,
            hide_disabled_flags: row.hide_disabled_flags,
            hide_sensitive_data: row.hide_sensitive_data,
            use_identity_composite_key_for_hashing: row.use_identity_composite_key_for_hashing,
            use_v2_feature_versioning: row.use_v2_feature_versioning,
            use_identity_overrides_in_local_eval: row.use_identity_overrides_in_local_eval,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            revision: row.revision,
        }
    }
}

impl From<keys::Model> for EnvironmentKey {
    fn from(row: keys::Model) -> Self {
        Self {
            id: EnvironmentKeyId(row.id),
            environment: EnvironmentId(row.environment_id),
            key: row.key,
            name: row.name,
            active: row.active,
            created_at: Timestamp(row.created_at),
            expires_at: row.expires_at.map(Timestamp),
        }
    }
}

/// Every column that may change by an edit of the environment.
fn columns(environment: &Environment) -> environments::ActiveModel {
    environments::ActiveModel {
        name: Set(environment.name.clone()),
        name_key: Set(name_key(&environment.name)),
        api_key: Set(environment.api_key.clone()),
        description: Set(environment.description.clone()),
        minimum_change_request_approvals: Set(environment.minimum_change_request_approvals),
        allow_client_traits: Set(environment.allow_client_traits),
        banner_text: Set(environment.banner_text.clone()),
        banner_colour: Set(environment.banner_colour.clone()),
        hide_disabled_flags: Set(environment.hide_disabled_flags),
        hide_sensitive_data: Set(environment.hide_sensitive_data),
        use_identity_composite_key_for_hashing: Set(environment.use_identity_composite_key_for_hashing),
        use_v2_feature_versioning: Set(environment.use_v2_feature_versioning),
        use_identity_overrides_in_local_eval: Set(environment.use_identity_overrides_in_local_eval),
        ..Default::default()
    }
}

/// Stores an environment; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the project has one of that name, or the key is taken.
pub async fn create(c: &impl Conn, environment: &Environment) -> Result<Environment> {
    let row = environments::ActiveModel {
        uuid: Set(environment.uuid),
        project_id: Set(environment.project.0),
        created_at: Set(environment.created_at.0),
        updated_at: Set(environment.updated_at.0),
        revision: Set(environment.revision),
        ..columns(environment)
    };
    Ok(environments::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores what changed about an environment.
///
/// # Errors
/// `Conflict` as in [`create`].
pub async fn update(c: &impl Conn, environment: &Environment) -> Result<()> {
    let row = environments::ActiveModel {
        id: Set(environment.id.0),
        ..columns(environment)
    };
    environments::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Notes that the answers of some environments changed: their time and their revision move on, and every node is told.
pub async fn touch(c: &impl Conn, ids: &[EnvironmentId], now: Timestamp) -> Result<()> {
    environments::Entity::update_many()
        .col_expr(environments::Column::UpdatedAt, Expr::value(now.0))
        .col_expr(
            environments::Column::Revision,
            Expr::col(environments::Column::Revision).add(1),
        )
        .filter(one_of(environments::Column::Id, ids.iter().map(|id| id.0)))
        .exec(c.raw())
        .await?;
    changes::tell(c).await
}

/// Soft-deletes an environment.
pub async fn delete(c: &impl Conn, id: EnvironmentId, now: Timestamp) -> Result<()> {
    let row = environments::ActiveModel {
        id: Set(id.0),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    environments::Entity::update(row).exec(c.raw()).await?;
    changes::tell(c).await
}

/// The environment with that id.
pub async fn find(c: &impl Conn, id: EnvironmentId) -> Result<Option<Environment>> {
    let select = environments::Entity::find_by_id(id.0).filter(environments::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The environment with that id, locked against other writers until the transaction ends.
pub async fn find_for_update(c: &impl Conn, id: EnvironmentId) -> Result<Option<Environment>> {
    use sea_orm::QuerySelect;
    let select = environments::Entity::find_by_id(id.0).filter(environments::Column::DeletedAt.is_null());
    Ok(select.lock_exclusive().one(c.raw()).await?.map(Into::into))
}

/// The environment with that client-side key.
pub async fn find_by_key(c: &impl Conn, api_key: &str) -> Result<Option<Environment>> {
    let select = environments::Entity::find()
        .filter(environments::Column::ApiKey.eq(api_key))
        .filter(environments::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The environment with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<Environment>> {
    let select = environments::Entity::find()
        .filter(environments::Column::Uuid.eq(uuid))
        .filter(environments::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The environments of a project, by id.
pub async fn list(c: &impl Conn, project: ProjectId) -> Result<Vec<Environment>> {
    let select = environments::Entity::find()
        .filter(environments::Column::ProjectId.eq(project.0))
        .filter(environments::Column::DeletedAt.is_null())
        .order_by_asc(environments::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// Those of the given environments of a project, by id, one part of the list.
pub async fn list_visible(
    c: &impl Conn,
    project: ProjectId,
    only: Option<&[EnvironmentId]>,
    slice: Slice,
) -> Result<Page<Environment>> {
    let mut select = environments::Entity::find()
        .filter(environments::Column::ProjectId.eq(project.0))
        .filter(environments::Column::DeletedAt.is_null())
        .order_by_asc(environments::Column::Id);
    if let Some(only) = only {
        select = select.filter(one_of(environments::Column::Id, only.iter().map(|id| id.0)));
    }
    Ok(page(c.raw(), select, slice).await?.map(Into::into))
}

/// Those of the given environments that are kept, by id.
pub async fn list_by_ids(c: &impl Conn, ids: &[EnvironmentId]) -> Result<Vec<Environment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = environments::Entity::find()
        .filter(one_of(environments::Column::Id, ids.iter().map(|id| id.0)))
        .filter(environments::Column::DeletedAt.is_null())
        .order_by_asc(environments::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// Every environment there is, by id.
pub async fn list_all(c: &impl Conn) -> Result<Vec<Environment>> {
    let select = environments::Entity::find()
        .filter(environments::Column::DeletedAt.is_null())
        .order_by_asc(environments::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// The revision of every environment there is: cheap enough to ask every second.
pub async fn list_revisions(c: &impl Conn) -> Result<Vec<(EnvironmentId, i64)>> {
    use sea_orm::QuerySelect;
    let rows: Vec<(i32, i64)> = environments::Entity::find()
        .select_only()
        .column(environments::Column::Id)
        .column(environments::Column::Revision)
        .filter(environments::Column::DeletedAt.is_null())
        .into_tuple()
        .all(c.raw())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, revision)| (EnvironmentId(id), revision))
        .collect())
}

/// Stores a server-side key; its `id` is given by the database.
pub async fn create_key(c: &impl Conn, key: &EnvironmentKey) -> Result<EnvironmentKey> {
    let row = keys::ActiveModel {
        environment_id: Set(key.environment.0),
        key: Set(key.key.clone()),
        name: Set(key.name.clone()),
        active: Set(key.active),
        created_at: Set(key.created_at.0),
        expires_at: Set(key.expires_at.map(|at| at.0)),
        ..Default::default()
    };
    Ok(keys::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores what changed about a key.
pub async fn update_key(c: &impl Conn, key: &EnvironmentKey) -> Result<()> {
    let row = keys::ActiveModel {
        id: Set(key.id.0),
        name: Set(key.name.clone()),
        active: Set(key.active),
        expires_at: Set(key.expires_at.map(|at| at.0)),
        ..Default::default()
    };
    keys::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes a key.
pub async fn delete_key(c: &impl Conn, id: EnvironmentKeyId) -> Result<()> {
    keys::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// The server-side keys of an environment, by id.
pub async fn list_keys(c: &impl Conn, environment: EnvironmentId) -> Result<Vec<EnvironmentKey>> {
    let select = keys::Entity::find()
        .filter(keys::Column::EnvironmentId.eq(environment.0))
        .order_by_asc(keys::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// The key with that id in an environment.
pub async fn find_key(
    c: &impl Conn,
    environment: EnvironmentId,
    id: EnvironmentKeyId,
) -> Result<Option<EnvironmentKey>> {
    let select = keys::Entity::find_by_id(id.0).filter(keys::Column::EnvironmentId.eq(environment.0));
    Ok(select.one(c.raw()).await?.map(Into::into))
}
