//! Changes the connection of an environment.

use super::credentials::{self, Credentials};
use super::{config, default_name, entry, existing, probe};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::Result;
use liftgate_model::WarehouseConnectionId;
use liftgate_model::audit::ChangeType;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseStatus, WarehouseType};
use liftgate_store::warehouses;
use serde_json::Value;

/// What to change about a connection. What is `None` stays, as far as the type stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectionChange {
    /// Another kind of warehouse: settings start from its defaults, credentials must be given anew.
    pub kind: Option<WarehouseType>,
    /// Name; an empty one is replaced by the default.
    pub name: Option<String>,
    /// Settings, over those stored.
    pub config: Option<Value>,
    /// Credentials, in place of those stored.
    pub credentials: Option<Value>,
}

/// Changes a connection. With other settings or credentials a warehouse that can be tried is tried again.
///
/// # Errors
/// `NotFound`, `Invalid`.
pub async fn update(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: WarehouseConnectionId,
    change: ConnectionChange,
) -> Result<WarehouseConnection> {
    let mut work = app.begin(&on.actor).await?;
    let before = existing(&work.tx, &on.environment, id).await?;
    let mut after = before.clone();
    after.kind = change.kind.unwrap_or(before.kind);
    let type_stays = after.kind == before.kind;

    let given = credentials::settle(after.kind, change.credentials.as_ref(), type_stays)?;
    let is_tried = !type_stays || change.config.is_some() || change.credentials.is_some();
    match given {
        Credentials::Keep => {}
        Credentials::Drop => after.credentials = None,
        Credentials::Set(secret) => after.credentials = Some(credentials::seal(app, id, &secret)?),
    }
    if change.config.is_some() || !type_stays {
        let stored = before.config.as_ref().filter(|_| type_stays);
        let allow_internal = app.settings.allow_internal_warehouses;
        after.config = config::settle(after.kind, change.config.as_ref(), stored, allow_internal)?;
    }
    if let Some(name) = change.name {
        after.name = if name.is_empty() {
            default_name(after.kind, &on.environment)
        } else {
            name
        };
    }
    if !type_stays {
        after.status = WarehouseStatus::Created;
        after.status_detail = None;
    }
    if after.kind == WarehouseType::Clickhouse && is_tried {
        probe::show(&mut after, probe::clickhouse());
    }
    warehouses::update(&work.tx, &after).await?;
    let entry = entry(&on.environment, &after, "updated", ChangeType::Update)
        .with("warehouse_type", before.kind.as_str(), after.kind.as_str())
        .with("name", before.name, after.name.clone())
        .with("config", before.config, after.config.clone());
    work.audit(entry).await?;
    work.commit().await?;
    Ok(after)
}
