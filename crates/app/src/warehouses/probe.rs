//! Tries whether a warehouse answers.

use super::find::{self, ConnectionView};
use super::{NewConnection, config, credentials, existing};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::WarehouseConnectionId;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseStatus, WarehouseType};
use liftgate_store::warehouses;

/// What a try found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Connected or errored.
    pub status: WarehouseStatus,
    /// Why it is errored.
    pub detail: Option<String>,
}

/// Tries a connection and stores what was found. The built-in store is there at once: its connection waits for a first
/// event, and is connected when there is one.
///
/// # Errors
/// `Invalid` for types that cannot be tried.
pub async fn probe(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: WarehouseConnectionId,
) -> Result<ConnectionView> {
    // What the store has is read first: no transaction waits for it.
    let seen = existing(&app.store.reader(), &on.environment, id).await?;
    let stats = find::stats_of(app, &on.environment, &seen).await;
    let work = app.begin(&on.actor).await?;
    let before = existing(&work.tx, &on.environment, id).await?;
    let mut after = before.clone();
    match before.kind {
        WarehouseType::Snowflake => return Err(unsupported()),
        WarehouseType::Clickhouse => show(&mut after, clickhouse()),
        WarehouseType::Flagsmith => {
            if after.status == WarehouseStatus::Created {
                after.status = WarehouseStatus::PendingConnection;
            }
            let has_events = stats.is_some_and(|stats| stats.total_events_received > 0);
            if after.status == WarehouseStatus::PendingConnection && has_events {
                after.status = WarehouseStatus::Connected;
            }
        }
    }
    if (after.status, &after.status_detail) != (before.status, &before.status_detail) {
        warehouses::update(&work.tx, &after).await?;
        work.commit().await?;
    }
    Ok(ConnectionView {
        connection: after,
        stats,
    })
}

/// Tries what is not saved, and saves nothing.
///
/// # Errors
/// `Invalid` as when it were created, and for types that cannot be tried.
pub fn probe_unsaved(app: &App, _on: &OnEnvironment<Admin>, input: &NewConnection) -> Result<Outcome> {
    credentials::settle(input.kind, input.credentials.as_ref(), false)?;
    let allow_internal = app.settings.allow_internal_warehouses;
    config::settle(input.kind, input.config.as_ref(), None, allow_internal)?;
    match input.kind {
        WarehouseType::Clickhouse => Ok(clickhouse()),
        WarehouseType::Flagsmith | WarehouseType::Snowflake => Err(unsupported()),
    }
}

/// The outcome for ClickHouse: this server has no client for it, so no host can be connected to.
pub(super) fn clickhouse() -> Outcome {
    Outcome {
        status: WarehouseStatus::Errored,
        detail: Some("Could not connect to the host.".into()),
    }
}

/// Notes an outcome in a connection.
pub(super) fn show(connection: &mut WarehouseConnection, outcome: Outcome) {
    connection.status = outcome.status;
    connection.status_detail = outcome.detail;
}

fn unsupported() -> Error {
    Error::detail("Connection testing is not supported for this warehouse type.")
}
