//! Warehouse connections: where an environment's events are analysed (contract, admin API, section 7.13).
//!
//! The `flagsmith` type is the built-in event store. Connections to ClickHouse and Snowflake are checked and kept, with
//! their credentials sealed; this server cannot reach such a warehouse yet, and says so.

mod config;
mod create;
mod credentials;
mod delete;
mod find;
mod network;
mod probe;
mod update;

pub use create::{NewConnection, create};
pub use delete::delete;
pub use find::{ConnectionView, EventStats, events, find, list};
pub use liftgate_events::EventNames;
pub use probe::{Outcome, probe, probe_unsaved};
pub use update::{ConnectionChange, update};

use crate::error::{Error, Invalid, Result};
use crate::work::Entry;
use liftgate_model::WarehouseConnectionId;
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseType};
use liftgate_store::{Conn, warehouses};
use serde_json::{Map, Value};

/// The audit record of something that happened to a connection; no flag changes with it.
fn entry(
    environment: &Environment,
    connection: &WarehouseConnection,
    what: &str,
    change: ChangeType,
) -> Entry {
    Entry::in_environment(
        format!("Warehouse connection {what} for environment {}", environment.name),
        environment.project,
        environment.id,
        RelatedObject::WarehouseConnection,
        connection.id.0,
        change,
    )
    .silent()
}

/// The connection with that id of an environment.
async fn existing(
    conn: &impl Conn,
    environment: &Environment,
    id: WarehouseConnectionId,
) -> Result<WarehouseConnection> {
    let found = warehouses::find(conn, environment.id, id).await?;
    found.ok_or_else(|| Error::missing("WarehouseConnection"))
}

/// The name of a connection that was given none.
fn default_name(kind: WarehouseType, environment: &Environment) -> String {
    let label = match kind {
        WarehouseType::Flagsmith => "Flagsmith",
        WarehouseType::Snowflake => "Snowflake",
        WarehouseType::Clickhouse => "ClickHouse",
    };
    format!("{label} Warehouse - {}", environment.name)
}

/// A complaint about members of an object: each has one plain text, the contract's shape for these two fields.
fn member_faults(field: &str, faults: impl IntoIterator<Item = (String, &'static str)>) -> Error {
    let faults: Map<String, Value> = faults
        .into_iter()
        .map(|(member, message)| (member, Value::from(message)))
        .collect();
    let mut fields = Map::new();
    fields.insert(field.to_owned(), Value::Object(faults));
    Error::Invalid(Invalid::Fields(fields))
}

/// Whether JSON says nothing: what the contract's server takes for absent in these two fields.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}
