//! Identities and their stored traits.

use crate::entity::{identities, traits};
use crate::values::{BOUND, TraitColumns, contains, name_key, one_of, page};
use crate::{Conn, Result};
use liftgate_model::identity::{Identity, Trait, TraitValue};
use liftgate_model::{EnvironmentId, IdentityId, Page, Slice, Timestamp, TraitId};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

impl From<identities::Model> for Identity {
    fn from(row: identities::Model) -> Self {
        Self {
            id: IdentityId(row.id),
            identifier: row.identifier,
            environment: EnvironmentId(row.environment_id),
            created_at: Timestamp(row.created_at),
        }
    }
}

/// Reads a row.
pub(crate) fn read_trait(row: traits::Model) -> Result<Trait> {
    let columns = TraitColumns {
        value_type: row.value_type,
        string_value: row.string_value,
        integer_value: row.integer_value,
        boolean_value: row.boolean_value,
        float_value: row.float_value,
    };
    Ok(Trait {
        id: TraitId(row.id),
        identity: IdentityId(row.identity_id),
        key: row.key,
        value: columns.read()?,
        created_at: Timestamp(row.created_at),
    })
}

/// Stores an identity.
///
/// # Errors
/// `Conflict` when the environment has one of that identifier.
pub async fn create(
    c: &impl Conn,
    environment: EnvironmentId,
    identifier: &str,
    now: Timestamp,
) -> Result<Identity> {
    let row = identities::ActiveModel {
        environment_id: Set(environment.0),
        identifier: Set(identifier.to_owned()),
        identifier_key: Set(name_key(identifier)),
        created_at: Set(now.0),
        ..Default::default()
    };
    Ok(identities::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores an identity unless the environment has one of that identifier; the one there is now.
pub async fn find_or_create(
    c: &impl Conn,
    environment: EnvironmentId,
    identifier: &str,
    now: Timestamp,
) -> Result<Identity> {
    if let Some(found) = find_by_identifier(c, environment, identifier).await? {
        return Ok(found);
    }
    let row = identities::ActiveModel {
        environment_id: Set(environment.0),
        identifier: Set(identifier.to_owned()),
        identifier_key: Set(name_key(identifier)),
        created_at: Set(now.0),
        ..Default::default()
    };
    let keep = OnConflict::columns([
        identities::Column::EnvironmentId,
        identities::Column::IdentifierKey,
    ])
    .do_nothing()
    .to_owned();
    identities::Entity::insert(row)
        .on_conflict(keep)
        .exec_without_returning(c.raw())
        .await?;
    find_by_identifier(c, environment, identifier)
        .await?
        .ok_or_else(|| crate::Error::corrupt("identities", "a row that was just stored is not there"))
}

/// The identity with that identifier.
pub async fn find_by_identifier(
    c: &impl Conn,
    environment: EnvironmentId,
    identifier: &str,
) -> Result<Option<Identity>> {
    let select = identities::Entity::find()
        .filter(identities::Column::EnvironmentId.eq(environment.0))
        .filter(identities::Column::IdentifierKey.eq(name_key(identifier)));
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The identity with that id in an environment.
pub async fn find(c: &impl Conn, environment: EnvironmentId, id: IdentityId) -> Result<Option<Identity>> {
    let select =
        identities::Entity::find_by_id(id.0).filter(identities::Column::EnvironmentId.eq(environment.0));
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The identities with those ids.
pub async fn list_by_ids(c: &impl Conn, ids: &[IdentityId]) -> Result<Vec<Identity>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = identities::Entity::find()
        .filter(one_of(identities::Column::Id, ids.iter().map(|id| id.0)))
        .order_by_asc(identities::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// What to look for among identifiers.
#[derive(Debug, Clone, Copy)]
pub enum IdentifierFilter<'a> {
    /// This text and nothing else.
    Exact(&'a str),
    /// This text somewhere, in any case.
    Contains(&'a str),
}

/// The identities of an environment, by id.
pub async fn list(
    c: &impl Conn,
    environment: EnvironmentId,
    filter: Option<IdentifierFilter<'_>>,
    slice: Slice,
) -> Result<Page<Identity>> {
    let mut select = identities::Entity::find()
        .filter(identities::Column::EnvironmentId.eq(environment.0))
        .order_by_asc(identities::Column::Id);
    match filter {
        Some(IdentifierFilter::Exact(text)) => {
            select = select.filter(identities::Column::IdentifierKey.eq(name_key(text)));
        }
        Some(IdentifierFilter::Contains(text)) => {
            select = select.filter(contains(identities::Column::Identifier, text));
        }
        None => {}
    }
    Ok(page(c.raw(), select, slice).await?.map(Into::into))
}

/// Stores a new identifier.
///
/// # Errors
/// `Conflict` when the environment has another identity of that identifier.
pub async fn update_identifier(c: &impl Conn, id: IdentityId, identifier: &str) -> Result<()> {
    let row = identities::ActiveModel {
        id: Set(id.0),
        identifier: Set(identifier.to_owned()),
        identifier_key: Set(name_key(identifier)),
        ..Default::default()
    };
    identities::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes an identity with its traits and overrides.
pub async fn delete(c: &impl Conn, id: IdentityId) -> Result<()> {
    identities::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// The stored traits of an identity, by id.
pub async fn list_traits(c: &impl Conn, identity: IdentityId) -> Result<Vec<Trait>> {
    let select = traits::Entity::find()
        .filter(traits::Column::IdentityId.eq(identity.0))
        .order_by_asc(traits::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read_trait).collect()
}

/// One part of the stored traits of an identity, by id.
pub async fn list_traits_page(c: &impl Conn, identity: IdentityId, slice: Slice) -> Result<Page<Trait>> {
    let select = traits::Entity::find()
        .filter(traits::Column::IdentityId.eq(identity.0))
        .order_by_asc(traits::Column::Id);
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: rows.items.into_iter().map(read_trait).collect::<Result<_>>()?,
    })
}

/// The trait with that id of an identity.
pub async fn find_trait(c: &impl Conn, identity: IdentityId, id: TraitId) -> Result<Option<Trait>> {
    let select = traits::Entity::find_by_id(id.0).filter(traits::Column::IdentityId.eq(identity.0));
    select.one(c.raw()).await?.map(read_trait).transpose()
}

/// Adds to an integer trait of an identity, in one statement, so that nobody's addition is lost; a trait that is not there
/// starts at 0. What it is afterwards; `None`, with nothing changed, when the trait is of another type or would leave
/// the range of 64-bit integers.
pub async fn increment_trait(
    c: &impl Conn,
    identity: IdentityId,
    key: &str,
    by: i64,
    now: Timestamp,
) -> Result<Option<i64>> {
    let integer = || Expr::col((traits::Entity, traits::Column::IntegerValue));
    let has_room = if by > 0 {
        integer().lte(i64::MAX - by)
    } else {
        integer().gte(i64::MIN - by)
    };
    let row = traits::ActiveModel {
        identity_id: Set(identity.0),
        created_at: Set(now.0),
        ..trait_columns(key, &TraitValue::Integer(by))
    };
    let add = OnConflict::columns([traits::Column::IdentityId, traits::Column::Key])
        .value(traits::Column::IntegerValue, integer().add(by))
        .action_and_where(Expr::col((traits::Entity, traits::Column::ValueType)).eq("int"))
        .action_and_where(has_room)
        .to_owned();
    let written = traits::Entity::insert(row)
        .on_conflict(add)
        .exec_without_returning(c.raw())
        .await?;
    if written == 0 {
        return Ok(None);
    }
    let select = traits::Entity::find()
        .filter(traits::Column::IdentityId.eq(identity.0))
        .filter(traits::Column::Key.eq(key));
    let stored = select.one(c.raw()).await?.map(read_trait).transpose()?;
    match stored.map(|stored| stored.value) {
        Some(TraitValue::Integer(value)) => Ok(Some(value)),
        _ => Err(crate::Error::corrupt(
            "traits",
            "an integer that was just stored is not there",
        )),
    }
}

/// The columns of a key and its value.
pub(crate) fn trait_columns(key: &str, value: &TraitValue) -> traits::ActiveModel {
    let columns = TraitColumns::from(value);
    traits::ActiveModel {
        key: Set(key.to_owned()),
        value_type: Set(columns.value_type),
        string_value: Set(columns.string_value),
        integer_value: Set(columns.integer_value),
        boolean_value: Set(columns.boolean_value),
        float_value: Set(columns.float_value),
        ..Default::default()
    }
}

/// Stores a new trait of an identity.
///
/// # Errors
/// `Conflict` when the identity has one of that key.
pub async fn create_trait(
    c: &impl Conn,
    identity: IdentityId,
    key: &str,
    value: &TraitValue,
    now: Timestamp,
) -> Result<Trait> {
    let row = traits::ActiveModel {
        identity_id: Set(identity.0),
        created_at: Set(now.0),
        ..trait_columns(key, value)
    };
    read_trait(traits::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// Stores a new key and a new value of a trait.
///
/// # Errors
/// `Conflict` when the identity has another one of that key.
pub async fn update_trait(c: &impl Conn, id: TraitId, key: &str, value: &TraitValue) -> Result<()> {
    let row = traits::ActiveModel {
        id: Set(id.0),
        ..trait_columns(key, value)
    };
    traits::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes traits of an identity by key.
pub async fn delete_traits(c: &impl Conn, identity: IdentityId, keys: &[&str]) -> Result<()> {
    for keys in keys.chunks(BOUND) {
        traits::Entity::delete_many()
            .filter(traits::Column::IdentityId.eq(identity.0))
            .filter(traits::Column::Key.is_in(keys.iter().copied()))
            .exec(c.raw())
            .await?;
    }
    Ok(())
}

/// Removes a trait key from every identity of an environment.
pub async fn delete_trait_everywhere(c: &impl Conn, environment: EnvironmentId, key: &str) -> Result<()> {
    let of_environment = Query::select()
        .column(identities::Column::Id)
        .from(identities::Entity)
        .and_where(identities::Column::EnvironmentId.eq(environment.0))
        .to_owned();
    traits::Entity::delete_many()
        .filter(traits::Column::Key.eq(key))
        .filter(traits::Column::IdentityId.in_subquery(of_environment))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// The identities with one text of a trait, and how many of them converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitConversions {
    /// The text.
    pub text: String,
    /// How many identities have it.
    pub identities: u64,
    /// How many of them have the trait of the conversion, and it is true.
    pub conversions: u64,
}

/// The texts of a trait in an environment with their conversions, sorted by text: the `limit` that most identities have.
pub async fn count_conversions(
    c: &impl Conn,
    environment: EnvironmentId,
    text_key: &str,
    conversion_key: &str,
    limit: u64,
) -> Result<Vec<TraitConversions>> {
    use sea_orm::QuerySelect;
    let of_environment = Query::select()
        .column(identities::Column::Id)
        .from(identities::Entity)
        .and_where(identities::Column::EnvironmentId.eq(environment.0))
        .to_owned();
    let converted = Query::select()
        .column(traits::Column::IdentityId)
        .from(traits::Entity)
        .and_where(traits::Column::Key.eq(conversion_key))
        .and_where(traits::Column::BooleanValue.eq(true))
        .to_owned();
    let conversions = CaseStatement::new()
        .case(traits::Column::IdentityId.in_subquery(converted), 1)
        .finally(0);
    let select = traits::Entity::find()
        .select_only()
        .column(traits::Column::StringValue)
        .expr(traits::Column::Id.count())
        .expr(Expr::expr(Expr::Case(Box::new(conversions))).sum())
        .filter(traits::Column::Key.eq(text_key))
        .filter(traits::Column::StringValue.is_not_null())
        .filter(traits::Column::IdentityId.in_subquery(of_environment))
        .group_by(traits::Column::StringValue)
        .order_by_desc(traits::Column::Id.count())
        .order_by_asc(traits::Column::StringValue)
        .limit(limit);
    let rows: Vec<(String, i64, i64)> = select.into_tuple().all(c.raw()).await?;
    let mut found: Vec<_> = rows
        .into_iter()
        .map(|(text, identities, conversions)| TraitConversions {
            text,
            identities: identities.unsigned_abs(),
            conversions: conversions.unsigned_abs(),
        })
        .collect();
    found.sort_by(|one, other| one.text.cmp(&other.text));
    Ok(found)
}

/// The distinct trait keys of an environment, sorted.
pub async fn list_trait_keys(c: &impl Conn, environment: EnvironmentId) -> Result<Vec<String>> {
    use sea_orm::QuerySelect;
    let of_environment = Query::select()
        .column(identities::Column::Id)
        .from(identities::Entity)
        .and_where(identities::Column::EnvironmentId.eq(environment.0))
        .to_owned();
    let select = traits::Entity::find()
        .select_only()
        .column(traits::Column::Key)
        .distinct()
        .filter(traits::Column::IdentityId.in_subquery(of_environment))
        .order_by_asc(traits::Column::Key);
    Ok(select.into_tuple().all(c.raw()).await?)
}
