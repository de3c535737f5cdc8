//! Projects.

use crate::entity::projects;
use crate::values::{name_key, one_of};
use crate::{Conn, Result};
use liftgate_model::project::Project;
use liftgate_model::{OrganisationId, ProjectId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

impl From<projects::Model> for Project {
    fn from(row: projects::Model) -> Self {
        Self {
            id: ProjectId(row.id),
            uuid: row.uuid,
            name: row.name,
            organisation: OrganisationId(row.organisation_id),
            hide_disabled_flags: row.hide_disabled_flags,
            prevent_flag_defaults: row.prevent_flag_defaults,
            enable_realtime_updates: row.enable_realtime_updates,
            only_allow_lower_case_feature_names: row.only_allow_lower_case_feature_names,
            feature_name_regex: row.feature_name_regex,
            stale_flags_limit_days: row.stale_flags_limit_days,
            minimum_change_request_approvals: row.minimum_change_request_approvals,
            enforce_feature_owners: row.enforce_feature_owners,
            created_at: Timestamp(row.created_at),
        }
    }
}

/// Every column that may change.
fn columns(project: &Project) -> projects::ActiveModel {
    projects::ActiveModel {
        name: Set(project.name.clone()),
        name_key: Set(name_key(&project.name)),
        hide_disabled_flags: Set(project.hide_disabled_flags),
        prevent_flag_defaults: Set(project.prevent_flag_defaults),
        enable_realtime_updates: Set(project.enable_realtime_updates),
        only_allow_lower_case_feature_names: Set(project.only_allow_lower_case_feature_names),
        feature_name_regex: Set(project.feature_name_regex.clone()),
        stale_flags_limit_days: Set(project.stale_flags_limit_days),
        minimum_change_request_approvals: Set(project.minimum_change_request_approvals),
        enforce_feature_owners: Set(project.enforce_feature_owners),
        ..Default::default()
    }
}

/// Stores a project; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the organisation has one of that name.
pub async fn create(c: &impl Conn, project: &Project) -> Result<Project> {
    let row = projects::ActiveModel {
        uuid: Set(project.uuid),
        organisation_id: Set(project.organisation.0),
        created_at: Set(project.created_at.0),
        ..columns(project)
    };
    Ok(projects::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores what changed about a project.
///
/// # Errors
/// `Conflict` when the organisation has another one of that name.
pub async fn update(c: &impl Conn, project: &Project) -> Result<()> {
    let row = projects::ActiveModel {
        id: Set(project.id.0),
        ..columns(project)
    };
    projects::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// The project with that id.
pub async fn find(c: &impl Conn, id: ProjectId) -> Result<Option<Project>> {
    let select = projects::Entity::find_by_id(id.0).filter(projects::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The project with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<Project>> {
    let select = projects::Entity::find()
        .filter(projects::Column::Uuid.eq(uuid))
        .filter(projects::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The projects of some organisations, by id.
pub async fn list(c: &impl Conn, organisations: &[OrganisationId]) -> Result<Vec<Project>> {
    let select = projects::Entity::find()
        .filter(one_of(
            projects::Column::OrganisationId,
            organisations.iter().map(|id| id.0),
        ))
        .filter(projects::Column::DeletedAt.is_null())
        .order_by_asc(projects::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// Soft-deletes a project.
pub async fn delete(c: &impl Conn, id: ProjectId, now: Timestamp) -> Result<()> {
    if let Some(row) = projects::Entity::find_by_id(id.0).one(c.raw()).await? {
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(now.0));
        projects::Entity::update(row).exec(c.raw()).await?;
    }
    Ok(())
}
