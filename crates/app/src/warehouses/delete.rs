//! Takes an environment off its warehouse.

use super::{entry, existing};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::Result;
use liftgate_model::WarehouseConnectionId;
use liftgate_model::audit::ChangeType;
use liftgate_store::warehouses;

/// Deletes a connection and forgets its credentials; a new one may follow. Events stay where they are.
pub async fn delete(app: &App, on: &OnEnvironment<Admin>, id: WarehouseConnectionId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let connection = existing(&work.tx, &on.environment, id).await?;
    warehouses::delete(&work.tx, id, work.now).await?;
    work.audit(entry(&on.environment, &connection, "deleted", ChangeType::Delete))
        .await?;
    work.commit().await
}
