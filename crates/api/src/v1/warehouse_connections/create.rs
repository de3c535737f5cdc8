//! Connects an environment to a warehouse.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, warehouses};

use super::wire::{ConnectionBody, NewConnectionBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;
use crate::throttle::{Throttle, WarehouseWrite};

/// Connects an environment that has no connection. A ClickHouse that cannot be reached shows in the status.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/warehouse-connections/",
    tag = "warehouse connections", params(("environment_key" = String, Path)), request_body = NewConnectionBody,
    responses((status = 201, body = ConnectionBody), (status = 409, description = "The environment has a connection")))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    _: Throttle<WarehouseWrite>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<ConnectionBody>, ApiError> {
    let new: NewConnectionBody = body.parse(Mode::Create)?;
    Ok(Created::new(
        warehouses::create(&app, &on, new.into()).await?.into(),
    ))
}
