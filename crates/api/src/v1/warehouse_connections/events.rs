//! The names of the events in a warehouse.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};
use liftgate_model::WarehouseConnectionId;

use super::wire::EventNamesBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;
use crate::throttle::{Throttle, WarehouseRead};

/// The names of the events in a connection's warehouse, most recent first.
#[utoipa::path(get,
    path = "/api/v1/environments/{environment_key}/warehouse-connections/{connection_id}/events/",
    tag = "warehouse connections", params(("environment_key" = String, Path), ("connection_id" = i32, Path)),
    responses((status = 200, body = EventNamesBody), (status = 400, description = "The type cannot list them"),
        (status = 503, description = "The warehouse cannot be reached")))]
pub async fn events(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseRead>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<WarehouseConnectionId>,
) -> Result<Reply<EventNamesBody>, ApiError> {
    Ok(Reply(warehouses::events(&app, &on, id).await?.into()))
}
