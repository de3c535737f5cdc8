//! Turns the versioning of flags on and off.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, environments};

use crate::access::VisibleEnvironment;
use crate::error::ApiError;
use crate::reply::Accepted;

/// Turns versioning on: what every feature does now becomes its first published version.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/enable-v2-versioning/", tag = "environments",
    responses((status = 202), (status = 400)))]
pub async fn enable(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Accepted, ApiError> {
    environments::enable_versioning(&app, &on).await?;
    Ok(Accepted(()))
}

/// Turns versioning off: what every feature does now stays, all versions are dropped.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/disable-v2-versioning/", tag = "environments",
    responses((status = 202), (status = 400)))]
pub async fn disable(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Accepted, ApiError> {
    environments::disable_versioning(&app, &on).await?;
    Ok(Accepted(()))
}
