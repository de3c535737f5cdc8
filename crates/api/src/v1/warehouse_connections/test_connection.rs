//! Tries whether a warehouse answers.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};
use liftgate_model::WarehouseConnectionId;

use super::wire::{ConnectionBody, NewConnectionBody, TestBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;
use crate::throttle::{Throttle, WarehouseWrite};

/// Tries a connection and keeps what was found as its status. The built-in store is connected once it has an event.
#[utoipa::path(post,
    path = "/api/v1/environments/{environment_key}/warehouse-connections/{connection_id}/test-warehouse-connection/",
    tag = "warehouse connections", params(("environment_key" = String, Path), ("connection_id" = i32, Path)),
    responses((status = 200, body = ConnectionBody), (status = 400, description = "The type cannot be tried")))]
pub async fn test(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseWrite>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<WarehouseConnectionId>,
) -> Result<Reply<ConnectionBody>, ApiError> {
    Ok(Reply(warehouses::probe(&app, &on, id).await?.into()))
}

/// Tries a connection before it is made; nothing is saved.
#[utoipa::path(post,
    path = "/api/v1/environments/{environment_key}/warehouse-connections/test-warehouse-connection/",
    tag = "warehouse connections", params(("environment_key" = String, Path)), request_body = NewConnectionBody,
    responses((status = 200, body = TestBody), (status = 400, description = "The type cannot be tried")))]
pub async fn test_unsaved(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseWrite>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<TestBody>, ApiError> {
    let new: NewConnectionBody = body.parse(Mode::Create)?;
    Ok(Reply(warehouses::probe_unsaved(&app, &on, &new.into())?.into()))
}
