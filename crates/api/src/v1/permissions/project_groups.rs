//! What groups are granted on a project.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, group_permissions};

use super::group_wire::{GroupGrantBody, GroupGrantInput, ListedGroupGrant, NewGroupGrantInput};
use super::wire::GrantId;
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};

/// The grants.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/user-group-permissions/", tag = "permissions",
    responses((status = 200, body = Vec<ListedGroupGrant>)))]
pub async fn list(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<ListedGroupGrant>>, ApiError> {
    let granted = group_permissions::list(&app, &on).await?;
    Ok(Reply(granted.into_iter().map(Into::into).collect()))
}

/// Grants a group of the organisation something.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/user-group-permissions/", tag = "permissions",
    request_body = GroupGrantInput, responses((status = 201, body = GroupGrantBody)))]
pub async fn create(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<GroupGrantBody>, ApiError> {
    let NewGroupGrantInput(new) = body.parse(Mode::Create)?;
    Ok(Created::new(
        group_permissions::create(&app, &on, new).await?.into(),
    ))
}

/// One grant.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    responses((status = 200, body = GroupGrantBody)))]
pub async fn read(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
) -> Result<Reply<GroupGrantBody>, ApiError> {
    Ok(Reply(group_permissions::find(&app, &on, id).await?.into()))
}

/// Replaces what a grant gives.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    request_body = GroupGrantInput, responses((status = 200, body = GroupGrantBody)))]
pub async fn update(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<GroupGrantBody>, ApiError> {
    let input: GroupGrantInput = body.parse(Mode::Put)?;
    Ok(Reply(
        group_permissions::update(&app, &on, id, input.into())
            .await?
            .into(),
    ))
}

/// Replaces what a grant gives, as PUT does; the group need not be named.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    request_body = GroupGrantInput, responses((status = 200, body = GroupGrantBody)))]
pub async fn patch(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<GroupGrantBody>, ApiError> {
    let input: GroupGrantInput = body.parse(Mode::Patch)?;
    Ok(Reply(
        group_permissions::update(&app, &on, id, input.into())
            .await?
            .into(),
    ))
}

/// Takes back what was granted.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    responses((status = 204)))]
pub async fn delete(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
) -> Result<NoContent, ApiError> {
    group_permissions::delete(&app, &on, id).await?;
    Ok(NoContent)
}
