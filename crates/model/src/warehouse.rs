//! Warehouse connections: where an environment's events are analysed.

use crate::metric::wire_enum;
use crate::{EnvironmentId, Timestamp, WarehouseConnectionId};
use serde_json::Value;

wire_enum! {
    /// What kind of warehouse.
    WarehouseType {
        /// The built-in event store.
        Flagsmith = "flagsmith",
        /// Snowflake.
        Snowflake = "snowflake",
        /// ClickHouse.
        Clickhouse = "clickhouse",
    }
}

wire_enum! {
    /// How a connection stands.
    WarehouseStatus {
        /// Made, not tried.
        Created = "created",
        /// Tried, waiting for a first event.
        PendingConnection = "pending_connection",
        /// Works.
        Connected = "connected",
        /// Does not work; the detail says why.
        Errored = "errored",
    }
}

/// A warehouse connection; an environment has at most one.
#[derive(Debug, Clone)]
pub struct WarehouseConnection {
    /// Id.
    pub id: WarehouseConnectionId,
    /// The environment.
    pub environment: EnvironmentId,
    /// Kind.
    pub kind: WarehouseType,
    /// How it stands.
    pub status: WarehouseStatus,
    /// Why it stands so.
    pub status_detail: Option<String>,
    /// Name.
    pub name: String,
    /// Settings, complete with defaults; none for the built-in store.
    pub config: Option<Value>,
    /// The encrypted credentials.
    pub credentials: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}
