//! Looks connections up, with what their store has received.

use super::existing;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_events::EventNames;
use liftgate_model::WarehouseConnectionId;
use liftgate_model::environment::Environment;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseType};
use liftgate_store::warehouses;

/// How many event names are told at the most.
const EVENT_NAMES_MAX: usize = 500;
/// Seconds until a warehouse that is away is worth another try.
const RETRY_SECONDS: u64 = 30;

/// A connection as it is shown.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// The connection.
    pub connection: WarehouseConnection,
    /// What its store has received; `None` when that is not asked for, or cannot be told.
    pub stats: Option<EventStats>,
}

/// What a store has received from an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventStats {
    /// Events.
    pub total_events_received: u64,
    /// Different names of events.
    pub unique_events_count: u64,
}

impl From<WarehouseConnection> for ConnectionView {
    fn from(connection: WarehouseConnection) -> Self {
        Self {
            connection,
            stats: None,
        }
    }
}

/// The connection of an environment, if it has one.
pub async fn list(app: &App, on: &OnEnvironment<Admin>, with_stats: bool) -> Result<Option<ConnectionView>> {
    let found = warehouses::find_of_environment(&app.store.reader(), on.environment.id).await?;
    let Some(connection) = found else { return Ok(None) };
    if !with_stats {
        return Ok(Some(connection.into()));
    }
    let stats = stats_of(app, &on.environment, &connection).await;
    Ok(Some(ConnectionView { connection, stats }))
}

/// The connection with that id. Looking never changes its status.
pub async fn find(app: &App, on: &OnEnvironment<Admin>, id: WarehouseConnectionId) -> Result<ConnectionView> {
    let connection = existing(&app.store.reader(), &on.environment, id).await?;
    let stats = stats_of(app, &on.environment, &connection).await;
    Ok(ConnectionView { connection, stats })
}

/// The names of the events in a connection's warehouse, most recent first, at most 500.
///
/// # Errors
/// `Invalid` for types that cannot list them, `Unavailable` when the warehouse cannot be reached.
pub async fn events(app: &App, on: &OnEnvironment<Admin>, id: WarehouseConnectionId) -> Result<EventNames> {
    let connection = existing(&app.store.reader(), &on.environment, id).await?;
    let unreachable = || Error::Unavailable {
        detail: "The warehouse is currently unreachable.".into(),
        retry_after_seconds: RETRY_SECONDS,
    };
    match connection.kind {
        WarehouseType::Snowflake => Err(Error::detail(
            "Event listing is not supported for this warehouse type.",
        )),
        WarehouseType::Clickhouse => Err(unreachable()),
        WarehouseType::Flagsmith => {
            let key = &on.environment.api_key;
            app.events.event_names(key, EVENT_NAMES_MAX).await.map_err(|error| {
                tracing::warn!(environment.id = on.environment.id.0, error = %error, "warehouse.events_unavailable");
                unreachable()
            })
        }
    }
}

/// What the built-in store has received; nothing is known of other warehouses.
pub(super) async fn stats_of(
    app: &App,
    environment: &Environment,
    connection: &WarehouseConnection,
) -> Option<EventStats> {
    if connection.kind != WarehouseType::Flagsmith {
        return None;
    }
    match app.events.event_totals(&environment.api_key).await {
        Ok(totals) => Some(EventStats {
            total_events_received: totals.total_events_received,
            unique_events_count: totals.unique_events_count,
        }),
        Err(error) => {
            tracing::warn!(environment.id = environment.id.0, error = %error, "warehouse.stats_unavailable");
            None
        }
    }
}
