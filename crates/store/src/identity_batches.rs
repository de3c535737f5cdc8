//! Many identities at once: what one transaction for the traits of many needs, in a fixed number of statements.

use crate::dialect;
use crate::entity::{identities, traits};
use crate::identities::trait_columns;
use crate::values::{BOUND, insert_all, name_key};
use crate::{Conn, Error, Result};
use liftgate_model::identity::{Trait, TraitValue};
use liftgate_model::{EnvironmentId, IdentityId, Timestamp};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// An environment and the key of an identifier in it.
type Name = (i32, String);

/// The ids of identities by their names, in the order of the names; those that are not there are stored. Until the
/// transaction ends nobody else locks them with this function; they are locked by id, so that two transactions do not
/// wait for each other.
///
/// # Errors
/// `Busy` when another transaction waits for this one.
pub async fn lock_or_create(
    c: &impl Conn,
    names: &[(EnvironmentId, &str)],
    now: Timestamp,
) -> Result<Vec<IdentityId>> {
    let keys: Vec<Name> = names
        .iter()
        .map(|(environment, identifier)| (environment.0, name_key(identifier)))
        .collect();
    let mut found = lock(c, &keys).await?;
    let mut missing: Vec<(&Name, &str)> = keys
        .iter()
        .zip(names)
        .filter(|(key, _)| !found.contains_key(*key))
        .map(|(key, (_, identifier))| (key, *identifier))
        .collect();
    if !missing.is_empty() {
        missing.sort_unstable();
        missing.dedup();
        let rows = missing
            .iter()
            .map(|((environment, key), identifier)| identities::ActiveModel {
                environment_id: Set(*environment),
                identifier: Set((*identifier).to_owned()),
                identifier_key: Set(key.clone()),
                created_at: Set(now.0),
                ..Default::default()
            });
        let keep = OnConflict::columns([
            identities::Column::EnvironmentId,
            identities::Column::IdentifierKey,
        ])
        .do_nothing()
        .to_owned();
        insert_all(c, rows.collect(), Some(keep)).await?;
        let missing: Vec<Name> = missing.into_iter().map(|(key, _)| key.clone()).collect();
        found.extend(lock(c, &missing).await?);
    }
    keys.iter()
        .map(|key| {
            let id = found.get(key).copied();
            id.ok_or_else(|| Error::corrupt("identities", "a row that was just stored is not there"))
        })
        .collect()
}

/// Locks those of the names that are there.
async fn lock(c: &impl Conn, names: &[Name]) -> Result<HashMap<Name, IdentityId>> {
    let mut found = HashMap::with_capacity(names.len());
    for part in names.chunks(BOUND) {
        let mut environments: Vec<i32> = part.iter().map(|(environment, _)| *environment).collect();
        environments.sort_unstable();
        environments.dedup();
        let select = identities::Entity::find()
            .select_only()
            .columns([
                identities::Column::Id,
                identities::Column::EnvironmentId,
                identities::Column::IdentifierKey,
            ])
            .filter(identities::Column::EnvironmentId.is_in(environments))
            .filter(identities::Column::IdentifierKey.is_in(part.iter().map(|(_, key)| key.as_str())))
            .order_by_asc(identities::Column::Id)
            .lock(LockType::NoKeyUpdate);
        let rows: Vec<(i32, i32, String)> = select.into_tuple().all(c.raw()).await?;
        found.extend(
            rows.into_iter()
                .map(|(id, environment, key)| ((environment, key), IdentityId(id))),
        );
    }
    Ok(found)
}

/// Stores traits of identities, each over the one of the same identity and key. None may be there twice.
///
/// # Errors
/// `Other` when an identity is not there.
pub async fn put_traits(
    c: &impl Conn,
    values: &[(IdentityId, &str, &TraitValue)],
    now: Timestamp,
) -> Result<()> {
    let rows = values.iter().map(|(identity, key, value)| traits::ActiveModel {
        identity_id: Set(identity.0),
        created_at: Set(now.0),
        ..trait_columns(key, value)
    });
    let replace = OnConflict::columns([traits::Column::IdentityId, traits::Column::Key])
        .update_columns([
            traits::Column::ValueType,
            traits::Column::StringValue,
            traits::Column::IntegerValue,
            traits::Column::BooleanValue,
            traits::Column::FloatValue,
        ])
        .to_owned();
    insert_all(c, rows.collect(), Some(replace)).await
}

/// The stored traits of identities, by id; identities without any are left out.
///
/// A row of the result is an identity with its traits as one JSON document, because rows are what costs.
pub async fn list_traits(c: &impl Conn, ids: &[IdentityId]) -> Result<HashMap<IdentityId, Vec<Trait>>> {
    let mut found = HashMap::with_capacity(ids.len());
    for part in ids.chunks(BOUND) {
        for (identity, traits) in dialect::traits_of(c, part).await? {
            found.insert(identity, traits);
        }
    }
    Ok(found)
}
