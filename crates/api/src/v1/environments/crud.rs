//! Reads, changes and deletes environments.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::{App, environments};

use super::wire::{EnvironmentBody, EnvironmentDetail, EnvironmentInput};
use crate::access::VisibleEnvironment;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Body, PathUuid};
use crate::form::Mode;
use crate::reply::{NoContent, Reply};

/// One environment.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/", tag = "environments",
    responses((status = 200, body = EnvironmentDetail)))]
pub async fn read(
    VisibleEnvironment(on): VisibleEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
) -> Result<Reply<EnvironmentDetail>, ApiError> {
    let overrides = environments::count_segment_overrides(&app, &on).await?;
    Ok(Reply(EnvironmentDetail::new(&on.environment, overrides)))
}

/// One environment by its public id.
#[utoipa::path(get, path = "/api/v1/environments/get-by-uuid/{uuid}/", tag = "environments",
    responses((status = 200, body = EnvironmentBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<EnvironmentBody>, ApiError> {
    let on: OnEnvironment<ViewEnvironment> = app.access().environment_by_uuid(&actor, uuid).await?;
    Ok(Reply((&on.environment).into()))
}

/// Changes an environment; the project stays.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/", tag = "environments",
    request_body = EnvironmentInput, responses((status = 200, body = EnvironmentBody)))]
pub async fn update(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<EnvironmentBody>, ApiError> {
    change(&app, &on, &body, Mode::Put).await
}

/// Changes some things about an environment.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/", tag = "environments",
    request_body = EnvironmentInput, responses((status = 200, body = EnvironmentBody)))]
pub async fn patch(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<EnvironmentBody>, ApiError> {
    change(&app, &on, &body, Mode::Patch).await
}

/// Deletes an environment: its keys are refused from now on.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/", tag = "environments",
    responses((status = 204)))]
pub async fn delete(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
) -> Result<NoContent, ApiError> {
    environments::delete(&app, &on).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnEnvironment<Admin>,
    body: &Body,
    mode: Mode,
) -> Result<Reply<EnvironmentBody>, ApiError> {
    let input: EnvironmentInput = body.parse(mode)?;
    let environment = environments::update(app, on, input.into()).await?;
    Ok(Reply((&environment).into()))
}
