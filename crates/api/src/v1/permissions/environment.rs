//! What users are granted on an environment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::{App, permissions};

use super::wire::{GrantBody, GrantId, GrantInput, ListedGrant, NewGrantInput};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};

/// The grants.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/user-permissions/", tag = "permissions",
    responses((status = 200, body = Vec<ListedGrant>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<ListedGrant>>, ApiError> {
    let granted = permissions::list(&app, &on).await?;
    Ok(Reply(granted.iter().map(Into::into).collect()))
}

/// Grants a member of the organisation something.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/user-permissions/", tag = "permissions",
    request_body = GrantInput, responses((status = 201, body = GrantBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<GrantBody>, ApiError> {
    let NewGrantInput(new) = body.parse(Mode::Create)?;
    Ok(Created::new(permissions::create(&app, &on, new).await?.into()))
}

/// One grant.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/user-permissions/{grant_id}/", tag = "permissions",
    responses((status = 200, body = GrantBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
) -> Result<Reply<GrantBody>, ApiError> {
    Ok(Reply(permissions::find(&app, &on, id).await?.into()))
}

/// Replaces what a grant gives.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/user-permissions/{grant_id}/", tag = "permissions",
    request_body = GrantInput, responses((status = 200, body = GrantBody)))]
pub async fn update(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<GrantBody>, ApiError> {
    let input: GrantInput = body.parse(Mode::Put)?;
    Ok(Reply(
        permissions::update(&app, &on, id, input.into()).await?.into(),
    ))
}

/// Replaces what a grant gives, as PUT does; the user need not be named.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/user-permissions/{grant_id}/", tag = "permissions",
    request_body = GrantInput, responses((status = 200, body = GrantBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<GrantBody>, ApiError> {
    let input: GrantInput = body.parse(Mode::Patch)?;
    Ok(Reply(
        permissions::update(&app, &on, id, input.into()).await?.into(),
    ))
}

/// Takes back what was granted.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/user-permissions/{grant_id}/", tag = "permissions",
    responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
) -> Result<NoContent, ApiError> {
    permissions::delete(&app, &on, id).await?;
    Ok(NoContent)
}
