//! Warehouse connections.

use crate::entity::warehouse_connections as connections;
use crate::values::named;
use crate::{Conn, Result};
use liftgate_model::warehouse::{WarehouseConnection, WarehouseStatus, WarehouseType};
use liftgate_model::{EnvironmentId, Timestamp, WarehouseConnectionId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

fn read(row: connections::Model) -> Result<WarehouseConnection> {
    Ok(WarehouseConnection {
        id: WarehouseConnectionId(row.id),
        environment: EnvironmentId(row.environment_id),
        kind: named("warehouse_connections", &row.kind, WarehouseType::parse)?,
        status: named("warehouse_connections", &row.status, WarehouseStatus::parse)?,
        status_detail: row.status_detail,
        name: row.name,
        config: row.config,
        credentials: row.credentials,
        created_at: Timestamp(row.created_at),
    })
}

fn columns(connection: &WarehouseConnection) -> connections::ActiveModel {
    connections::ActiveModel {
        kind: Set(connection.kind.as_str().to_owned()),
        status: Set(connection.status.as_str().to_owned()),
        status_detail: Set(connection.status_detail.clone()),
        name: Set(connection.name.clone()),
        config: Set(connection.config.clone()),
        credentials: Set(connection.credentials.clone()),
        ..Default::default()
    }
}

/// Stores a connection; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the environment has one.
pub async fn create(c: &impl Conn, connection: &WarehouseConnection) -> Result<WarehouseConnection> {
    let row = connections::ActiveModel {
        environment_id: Set(connection.environment.0),
        created_at: Set(connection.created_at.0),
        ..columns(connection)
    };
    read(
        connections::Entity::insert(row)
            .exec_with_returning(c.raw())
            .await?,
    )
}

/// Stores what changed about a connection.
pub async fn update(c: &impl Conn, connection: &WarehouseConnection) -> Result<()> {
    let row = connections::ActiveModel {
        id: Set(connection.id.0),
        ..columns(connection)
    };
    connections::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Soft-deletes a connection and forgets its credentials.
pub async fn delete(c: &impl Conn, id: WarehouseConnectionId, now: Timestamp) -> Result<()> {
    let row = connections::ActiveModel {
        id: Set(id.0),
        credentials: Set(None),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    connections::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// The connection of an environment, if it has one.
pub async fn find_of_environment(
    c: &impl Conn,
    environment: EnvironmentId,
) -> Result<Option<WarehouseConnection>> {
    let select = connections::Entity::find()
        .filter(connections::Column::EnvironmentId.eq(environment.0))
        .filter(connections::Column::DeletedAt.is_null());
    select.one(c.raw()).await?.map(read).transpose()
}

/// The connection with that id of an environment.
pub async fn find(
    c: &impl Conn,
    environment: EnvironmentId,
    id: WarehouseConnectionId,
) -> Result<Option<WarehouseConnection>> {
    Ok(find_of_environment(c, environment)
        .await?
        .filter(|connection| connection.id == id))
}
