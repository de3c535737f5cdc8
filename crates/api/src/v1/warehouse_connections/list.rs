//! The warehouse connections of an environment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};

use super::wire::ConnectionBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Query;
use crate::reply::Reply;
use crate::throttle::{Throttle, WarehouseRead};

/// The connection of an environment: a list of one or none. `exclude_event_stats=true` skips the numbers of events.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/warehouse-connections/",
    tag = "warehouse connections",
    params(("environment_key" = String, Path), ("exclude_event_stats" = Option<bool>, Query)),
    responses((status = 200, body = Vec<ConnectionBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseRead>,
    State(app): State<Arc<App>>,
    query: Query,
) -> Result<Reply<Vec<ConnectionBody>>, ApiError> {
    let excludes = query.get("exclude_event_stats").unwrap_or_default();
    let found = warehouses::list(&app, &on, !excludes.eq_ignore_ascii_case("true")).await?;
    Ok(Reply(found.into_iter().map(ConnectionBody::from).collect()))
}
