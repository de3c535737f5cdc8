//! Connects an environment to a warehouse.

use super::credentials::{self, Credentials};
use super::{config, default_name, entry, probe};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::WarehouseConnectionId;
use liftgate_model::audit::ChangeType;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseStatus, WarehouseType};
use liftgate_store::warehouses;
use serde_json::Value;

/// A connection as it is asked for.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Which kind of warehouse.
    pub kind: WarehouseType,
    /// Name, at most 255 characters; without one it is named after type and environment.
    pub name: Option<String>,
    /// The settings as given; the rest has defaults.
    pub config: Option<Value>,
    /// The credentials as given.
    pub credentials: Option<Value>,
}

/// Creates the connection of an environment. A warehouse that can be tried is tried; that it does not answer shows in
/// the status only.
///
/// # Errors
/// `Invalid`; `Conflict` when the environment has a connection.
pub async fn create(
    app: &App,
    on: &OnEnvironment<Admin>,
    input: NewConnection,
) -> Result<WarehouseConnection> {
    let given = credentials::settle(input.kind, input.credentials.as_ref(), false)?;
    let allow_internal = app.settings.allow_internal_warehouses;
    let config = config::settle(input.kind, input.config.as_ref(), None, allow_internal)?;
    let mut work = app.begin(&on.actor).await?;
    let name = input.name.filter(|name| !name.is_empty());
    let mut connection = WarehouseConnection {
        id: WarehouseConnectionId(0),
        environment: on.environment.id,
        kind: input.kind,
        status: WarehouseStatus::Created,
        status_detail: None,
        name: name.unwrap_or_else(|| default_name(input.kind, &on.environment)),
        config,
        credentials: None,
        created_at: work.now,
    };
    if connection.kind == WarehouseType::Clickhouse {
        probe::show(&mut connection, probe::clickhouse());
    }
    let mut connection = match warehouses::create(&work.tx, &connection).await {
        Err(liftgate_store::Error::Conflict(_)) => {
            return Err(Error::conflict(
                "This environment already has an active warehouse connection.",
            ));
        }
        other => other?,
    };
    if let Credentials::Set(secret) = given {
        connection.credentials = Some(credentials::seal(app, connection.id, &secret)?);
        warehouses::update(&work.tx, &connection).await?;
    }
    work.audit(entry(&on.environment, &connection, "created", ChangeType::Create))
        .await?;
    work.commit().await?;
    Ok(connection)
}
