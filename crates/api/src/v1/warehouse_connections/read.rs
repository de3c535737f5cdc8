//! One warehouse connection.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};
use liftgate_model::WarehouseConnectionId;

use super::wire::ConnectionBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;
use crate::throttle::{Throttle, WarehouseRead};

/// One warehouse connection.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/warehouse-connections/{connection_id}/",
    tag = "warehouse connections", params(("environment_key" = String, Path), ("connection_id" = i32, Path)),
    responses((status = 200, body = ConnectionBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseRead>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<WarehouseConnectionId>,
) -> Result<Reply<ConnectionBody>, ApiError> {
    Ok(Reply(warehouses::find(&app, &on, id).await?.into()))
}
