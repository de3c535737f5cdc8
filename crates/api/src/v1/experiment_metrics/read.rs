//! One metric.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::{App, metrics};
use liftgate_model::MetricId;

use super::wire::MetricBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;

/// One metric.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiment-metrics/{metric_id}/",
    tag = "experiments", params(("environment_key" = String, Path), ("metric_id" = i32, Path)),
    responses((status = 200, body = MetricBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<MetricId>,
) -> Result<Reply<MetricBody>, ApiError> {
    Ok(Reply(metrics::find(&app, &on, id).await?.into()))
}
