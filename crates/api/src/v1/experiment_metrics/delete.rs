//! Removes a metric.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, metrics};
use liftgate_model::MetricId;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::NoContent;

/// Removes a metric that no unfinished experiment uses.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/experiment-metrics/{metric_id}/",
    tag = "experiments", params(("environment_key" = String, Path), ("metric_id" = i32, Path)),
    responses((status = 204), (status = 409, description = "An unfinished experiment uses it")))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<MetricId>,
) -> Result<NoContent, ApiError> {
    metrics::delete(&app, &on, id).await?;
    Ok(NoContent)
}
