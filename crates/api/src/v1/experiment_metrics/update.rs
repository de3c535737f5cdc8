//! Changes a metric.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, metrics};
use liftgate_model::MetricId;

use super::wire::{MetricBody, MetricChangeBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;

/// Changes a metric: name and definition must be given.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/experiment-metrics/{metric_id}/",
    tag = "experiments", params(("environment_key" = String, Path), ("metric_id" = i32, Path)),
    request_body = MetricChangeBody,
    responses((status = 200, body = MetricBody), (status = 409, description = "A running experiment uses it")))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<MetricId>,
    body: Body,
) -> Result<Reply<MetricBody>, ApiError> {
    change(&app, &on, id, body.parse(Mode::Put)?).await
}

/// Changes what is given about a metric.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/experiment-metrics/{metric_id}/",
    tag = "experiments", params(("environment_key" = String, Path), ("metric_id" = i32, Path)),
    request_body = MetricChangeBody,
    responses((status = 200, body = MetricBody), (status = 409, description = "A running experiment uses it")))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<MetricId>,
    body: Body,
) -> Result<Reply<MetricBody>, ApiError> {
    change(&app, &on, id, body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: MetricId,
    change: MetricChangeBody,
) -> Result<Reply<MetricBody>, ApiError> {
    Ok(Reply(metrics::update(app, on, id, change.into()).await?.into()))
}
