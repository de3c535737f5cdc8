//! Named values of the installation.

use crate::entity::server_settings as settings;
use crate::{Conn, Result};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

/// The value of that name.
pub async fn find(c: &impl Conn, name: &str) -> Result<Option<String>> {
    Ok(settings::Entity::find_by_id(name.to_owned())
        .one(c.raw())
        .await?
        .map(|row| row.value))
}

/// Stores a value under a name, over whatever was there.
pub async fn put(c: &impl Conn, name: &str, value: &str) -> Result<()> {
    let row = settings::ActiveModel {
        name: Set(name.to_owned()),
        value: Set(value.to_owned()),
    };
    let replace = OnConflict::column(settings::Column::Name)
        .update_column(settings::Column::Value)
        .to_owned();
    settings::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}

/// Removes a value.
pub async fn delete(c: &impl Conn, name: &str) -> Result<()> {
    settings::Entity::delete_by_id(name.to_owned())
        .exec(c.raw())
        .await?;
    Ok(())
}
