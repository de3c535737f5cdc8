//! What warehouse connections look like on the wire.

use liftgate_app::warehouses::{ConnectionChange, ConnectionView, EventNames, NewConnection, Outcome};
use liftgate_model::Timestamp;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseType};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::form::{Form, Parse, Patch};

/// A warehouse connection. Credentials are never shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WarehouseConnection)]
pub struct ConnectionBody {
    /// Id.
    pub id: i32,
    /// `flagsmith` (the built-in event store), `snowflake` or `clickhouse`.
    #[schema(example = "flagsmith")]
    pub warehouse_type: &'static str,
    /// `created`, `pending_connection`, `connected` or `errored`.
    #[schema(example = "connected")]
    pub status: &'static str,
    /// Why it is errored.
    pub status_detail: Option<String>,
    /// Name.
    #[schema(max_length = 255, example = "Flagsmith Warehouse - Production")]
    pub name: String,
    /// Settings with defaults filled in; null for the built-in store.
    #[schema(value_type = Option<Object>)]
    pub config: Option<Value>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Events received; null when that is not known.
    pub total_events_received: Option<u64>,
    /// Different names of events received; null when that is not known.
    pub unique_events_count: Option<u64>,
}

impl From<ConnectionView> for ConnectionBody {
    fn from(view: ConnectionView) -> Self {
        let connection = view.connection;
        Self {
            id: connection.id.0,
            warehouse_type: connection.kind.as_str(),
            status: connection.status.as_str(),
            status_detail: connection.status_detail,
            name: connection.name,
            config: connection.config,
            created_at: connection.created_at,
            total_events_received: view.stats.map(|stats| stats.total_events_received),
            unique_events_count: view.stats.map(|stats| stats.unique_events_count),
        }
    }
}

impl From<WarehouseConnection> for ConnectionBody {
    fn from(connection: WarehouseConnection) -> Self {
        ConnectionView::from(connection).into()
    }
}

/// What a try found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WarehouseConnectionTest)]
pub struct TestBody {
    /// `connected` or `errored`.
    #[schema(example = "errored")]
    pub status: &'static str,
    /// Why it is errored.
    #[schema(example = "Could not connect to the host.")]
    pub status_detail: Option<String>,
}

impl From<Outcome> for TestBody {
    fn from(outcome: Outcome) -> Self {
        Self {
            status: outcome.status.as_str(),
            status_detail: outcome.detail,
        }
    }
}

/// The names of the events in a warehouse.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WarehouseEventNames)]
pub struct EventNamesBody {
    /// The names, most recent first.
    #[schema(max_items = 500, example = json!(["purchase", "page_view"]))]
    pub events: Vec<String>,
    /// Whether there are more.
    pub is_truncated: bool,
}

impl From<EventNames> for EventNamesBody {
    fn from(names: EventNames) -> Self {
        Self {
            events: names.names,
            is_truncated: names.is_truncated,
        }
    }
}

/// A warehouse connection to make or to try.
#[derive(Debug, ToSchema)]
#[schema(as = NewWarehouseConnection)]
pub struct NewConnectionBody {
    /// `flagsmith`, `snowflake` or `clickhouse`.
    #[schema(value_type = String, example = "clickhouse")]
    warehouse_type: WarehouseType,
    /// Name; made from type and environment when it is missing.
    #[schema(max_length = 255)]
    name: Option<String>,
    /// Settings of the type.
    #[schema(value_type = Option<Object>, example = json!({"host": "clickhouse.example.com"}))]
    config: Option<Value>,
    /// For `clickhouse`: an object with a `password`.
    #[schema(value_type = Option<Object>, write_only, example = json!({"password": "correct horse"}))]
    credentials: Option<Value>,
}

impl Parse for NewConnectionBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let warehouse_type = form.choice("warehouse_type", WarehouseType::parse).required();
        let name = form.text("name").max(255).blank().optional();
        let config = form.json("config").nullable().change();
        let credentials = form.json("credentials").nullable().change();
        Some(Self {
            warehouse_type: warehouse_type?,
            name: name?,
            config: mentioned(config?),
            credentials: mentioned(credentials?),
        })
    }
}

impl From<NewConnectionBody> for NewConnection {
    fn from(new: NewConnectionBody) -> Self {
        Self {
            kind: new.warehouse_type,
            name: new.name,
            config: new.config,
            credentials: new.credentials,
        }
    }
}

/// What may change about a warehouse connection.
#[derive(Debug, ToSchema)]
#[schema(as = WarehouseConnectionChange)]
pub struct ConnectionChangeBody {
    /// `flagsmith`, `snowflake` or `clickhouse`; another one starts from its defaults.
    #[schema(value_type = Option<String>)]
    warehouse_type: Patch<WarehouseType>,
    /// Name.
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Patch<String>,
    /// Settings; those not given stay.
    #[schema(value_type = Option<Object>)]
    config: Option<Value>,
    /// For `clickhouse`: an object with a `password`.
    #[schema(value_type = Option<Object>, write_only)]
    credentials: Option<Value>,
}

impl Parse for ConnectionChangeBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let warehouse_type = form
            .choice("warehouse_type", WarehouseType::parse)
            .change_required();
        let name = form.text("name").max(255).blank().change();
        let config = form.json("config").nullable().change();
        let credentials = form.json("credentials").nullable().change();
        Some(Self {
            warehouse_type: warehouse_type?,
            name: name?,
            config: mentioned(config?),
            credentials: mentioned(credentials?),
        })
    }
}

impl From<ConnectionChangeBody> for ConnectionChange {
    fn from(change: ConnectionChangeBody) -> Self {
        Self {
            kind: change.warehouse_type.value(),
            name: change.name.value(),
            config: change.config,
            credentials: change.credentials,
        }
    }
}

/// What was sent, null included; `None` when the field is not mentioned.
fn mentioned(sent: Patch<Value>) -> Option<Value> {
    sent.change().map(Option::unwrap_or_default)
}
