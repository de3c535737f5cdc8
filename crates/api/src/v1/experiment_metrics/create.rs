//! Makes a metric.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, metrics};

use super::wire::{MetricBody, NewMetricBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;

/// Makes a metric.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiment-metrics/", tag = "experiments",
    params(("environment_key" = String, Path)), request_body = NewMetricBody,
    responses((status = 201, body = MetricBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<MetricBody>, ApiError> {
    let new: NewMetricBody = body.parse(Mode::Create)?;
    let metric = metrics::create(&app, &on, new.into()).await?;
    Ok(Created::new(MetricBody::new(metric, Vec::new())))
}
