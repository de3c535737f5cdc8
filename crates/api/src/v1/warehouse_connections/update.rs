//! Changes a warehouse connection.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};
use liftgate_model::WarehouseConnectionId;

use super::wire::{ConnectionBody, ConnectionChangeBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;
use crate::throttle::{Throttle, WarehouseWrite};

/// Changes a warehouse connection: its type must be given.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/warehouse-connections/{connection_id}/",
    tag = "warehouse connections", params(("environment_key" = String, Path), ("connection_id" = i32, Path)),
    request_body = ConnectionChangeBody, responses((status = 200, body = ConnectionBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseWrite>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<WarehouseConnectionId>,
    body: Body,
) -> Result<Reply<ConnectionBody>, ApiError> {
    change(&app, &on, id, body.parse(Mode::Put)?).await
}

/// Changes what is given about a warehouse connection.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/warehouse-connections/{connection_id}/",
    tag = "warehouse connections", params(("environment_key" = String, Path), ("connection_id" = i32, Path)),
    request_body = ConnectionChangeBody, responses((status = 200, body = ConnectionBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseWrite>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<WarehouseConnectionId>,
    body: Body,
) -> Result<Reply<ConnectionBody>, ApiError> {
    change(&app, &on, id, body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: WarehouseConnectionId,
    change: ConnectionChangeBody,
) -> Result<Reply<ConnectionBody>, ApiError> {
    Ok(Reply(
        warehouses::update(app, on, id, change.into()).await?.into(),
    ))
}
