//! Multivariate options.

use crate::entity::multivariate_options as options;
use crate::values::{FlagColumns, one_of};
use crate::{Conn, Result};
use liftgate_model::feature::MultivariateOption;
use liftgate_model::{FeatureId, OptionId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

impl From<options::Model> for MultivariateOption {
    fn from(row: options::Model) -> Self {
        Self {
            id: OptionId(row.id),
            uuid: row.uuid,
            feature: FeatureId(row.feature_id),
            key: row.key,
            value: FlagColumns {
                value_type: row.value_type,
                string_value: row.string_value,
                integer_value: row.integer_value,
                boolean_value: row.boolean_value,
            }
            .read(),
            default_percentage_allocation: row.default_percentage_allocation,
        }
    }
}

fn columns(option: &MultivariateOption) -> options::ActiveModel {
    let value = FlagColumns::from(&option.value);
    options::ActiveModel {
        key: Set(option.key.clone()),
        value_type: Set(value.value_type),
        string_value: Set(value.string_value),
        integer_value: Set(value.integer_value),
        boolean_value: Set(value.boolean_value),
        default_percentage_allocation: Set(option.default_percentage_allocation),
        ..Default::default()
    }
}

/// Stores an option; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the feature has one of that key.
pub async fn create(c: &impl Conn, option: &MultivariateOption) -> Result<MultivariateOption> {
    let row = options::ActiveModel {
        uuid: Set(option.uuid),
        feature_id: Set(option.feature.0),
        ..columns(option)
    };
    Ok(options::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores what changed about an option.
///
/// # Errors
/// `Conflict` as in [`create`].
pub async fn update(c: &impl Conn, option: &MultivariateOption) -> Result<()> {
    let row = options::ActiveModel {
        id: Set(option.id.0),
        ..columns(option)
    };
    options::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes an option and its allocations everywhere.
pub async fn delete(c: &impl Conn, id: OptionId) -> Result<()> {
    options::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// The options of one feature, by id.
pub async fn list(c: &impl Conn, feature: FeatureId) -> Result<Vec<MultivariateOption>> {
    let select = options::Entity::find()
        .filter(options::Column::FeatureId.eq(feature.0))
        .order_by_asc(options::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// The options of several features, each list by id: one statement.
pub async fn list_of(
    c: &impl Conn,
    features: &[FeatureId],
) -> Result<HashMap<FeatureId, Vec<MultivariateOption>>> {
    if features.is_empty() {
        return Ok(HashMap::new());
    }
    let select = options::Entity::find()
        .filter(one_of(options::Column::FeatureId, features.iter().map(|id| id.0)))
        .order_by_asc(options::Column::Id);
    Ok(select
        .all(c.raw())
        .await?
        .into_iter()
        .fold(HashMap::new(), |mut lists: HashMap<_, Vec<_>>, row| {
            lists
                .entry(FeatureId(row.feature_id))
                .or_default()
                .push(row.into());
            lists
        }))
}

/// The option with that id of a feature.
pub async fn find(c: &impl Conn, feature: FeatureId, id: OptionId) -> Result<Option<MultivariateOption>> {
    let select = options::Entity::find_by_id(id.0).filter(options::Column::FeatureId.eq(feature.0));
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The option with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<MultivariateOption>> {
    Ok(options::Entity::find()
        .filter(options::Column::Uuid.eq(uuid))
        .one(c.raw())
        .await?
        .map(Into::into))
}
