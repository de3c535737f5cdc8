//! The metrics of an environment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::{App, metrics};

use super::wire::MetricBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Page999, Query};
use crate::reply::{Paged, Reply};

/// The metrics of an environment, by id. `q` is a part of the name.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiment-metrics/", tag = "experiments",
    params(("environment_key" = String, Path), ("q" = Option<String>, Query), Page999),
    responses((status = 200, body = Paged<MetricBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<MetricBody>>, ApiError> {
    let name = query.get("q").filter(|text| !text.is_empty());
    let found = metrics::list(&app, &on, name, page.slice()).await?;
    page.reply(found.map(MetricBody::from))
}
