//! Takes an environment off its warehouse.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};
use liftgate_model::WarehouseConnectionId;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::NoContent;

/// Removes a warehouse connection with its credentials; another may follow.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/warehouse-connections/{connection_id}/",
    tag = "warehouse connections", params(("environment_key" = String, Path), ("connection_id" = i32, Path)),
    responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<WarehouseConnectionId>,
) -> Result<NoContent, ApiError> {
    warehouses::delete(&app, &on, id).await?;
    Ok(NoContent)
}
