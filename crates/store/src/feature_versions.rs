//! Versions of features in versioned environments.

use crate::entity::{environments, feature_versions as versions};
use crate::values::{one_of, page};
use crate::{Conn, Result};
use liftgate_model::feature_state::FeatureVersion;
use liftgate_model::{EnvironmentId, FeatureId, Page, Slice, Timestamp, UserId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait as _, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;
use uuid::Uuid;

impl From<versions::Model> for FeatureVersion {
    fn from(row: versions::Model) -> Self {
        Self {
            uuid: row.uuid,
            feature: FeatureId(row.feature_id),
            environment: EnvironmentId(row.environment_id),
            published: row.published,
            live_from: row.live_from.map(Timestamp),
            published_by: row.published_by.map(UserId),
            created_by: row.created_by.map(UserId),
            description: row.description,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}

/// The uuids of the live version of every feature of an environment, as a query to be nested: the published version
/// with the latest `live_from` that has come; of several, the one made last.
pub(crate) fn live_uuids(environment: EnvironmentId, now: Timestamp) -> SelectStatement {
    let newer = Alias::new("newer");
    let column = |column| Expr::col((newer.clone(), column));
    let own = |column| Expr::col((versions::Entity, column));
    let later = column(versions::Column::LiveFrom)
        .gt(own(versions::Column::LiveFrom))
        .or(column(versions::Column::LiveFrom)
            .eq(own(versions::Column::LiveFrom))
            .and(column(versions::Column::Id).gt(own(versions::Column::Id))));
    let superseded = Query::select()
        .expr(Expr::value(1))
        .from_as(versions::Entity, newer.clone())
        .and_where(column(versions::Column::EnvironmentId).eq(environment.0))
        .and_where(
            column(versions::Column::FeatureId).equals((versions::Entity, versions::Column::FeatureId)),
        )
        .and_where(column(versions::Column::Published).eq(true))
        .and_where(column(versions::Column::LiveFrom).lte(now.0))
        .and_where(later)
        .to_owned();
    Query::select()
        .column((versions::Entity, versions::Column::Uuid))
        .from(versions::Entity)
        .and_where(own(versions::Column::EnvironmentId).eq(environment.0))
        .and_where(own(versions::Column::Published).eq(true))
        .and_where(own(versions::Column::LiveFrom).lte(now.0))
        .and_where(Expr::exists(superseded).not())
        .to_owned()
}

/// The uuids of the published versions of an environment whose time has not come, as a query to be nested.
pub(crate) fn scheduled_uuids(environment: EnvironmentId, now: Timestamp) -> SelectStatement {
    Query::select()
        .column((versions::Entity, versions::Column::Uuid))
        .from(versions::Entity)
        .and_where(versions::Column::EnvironmentId.eq(environment.0))
        .and_where(versions::Column::Published.eq(true))
        .and_where(versions::Column::LiveFrom.gt(now.0))
        .to_owned()
}

/// The published versions of an environment whose time has not come, in the order in which they come into force.
pub async fn list_scheduled(
    c: &impl Conn,
    environment: EnvironmentId,
    now: Timestamp,
) -> Result<Vec<FeatureVersion>> {
    let select = versions::Entity::find()
        .filter(versions::Column::EnvironmentId.eq(environment.0))
        .filter(versions::Column::Published.eq(true))
        .filter(versions::Column::LiveFrom.gt(now.0))
        .order_by_asc(versions::Column::LiveFrom)
        .order_by_asc(versions::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// Stores a version.
pub async fn create(c: &impl Conn, version: &FeatureVersion) -> Result<()> {
    let row = versions::ActiveModel {
        uuid: Set(version.uuid),
        feature_id: Set(version.feature.0),
        environment_id: Set(version.environment.0),
        published: Set(version.published),
        live_from: Set(version.live_from.map(|at| at.0)),
        published_by: Set(version.published_by.map(|id| id.0)),
        created_by: Set(version.created_by.map(|id| id.0)),
        description: Set(version.description.clone()),
        created_at: Set(version.created_at.0),
        updated_at: Set(version.updated_at.0),
        ..Default::default()
    };
    versions::Entity::insert(row)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}

/// Stores that a version is published, from when and by whom.
pub async fn update(c: &impl Conn, version: &FeatureVersion) -> Result<()> {
    versions::Entity::update_many()
        .col_expr(versions::Column::Published, Expr::value(version.published))
        .col_expr(
            versions::Column::LiveFrom,
            Expr::value(version.live_from.map(|at| at.0)),
        )
        .col_expr(
            versions::Column::PublishedBy,
            Expr::value(version.published_by.map(|id| id.0)),
        )
        .col_expr(
            versions::Column::Description,
            Expr::value(version.description.clone()),
        )
        .col_expr(versions::Column::UpdatedAt, Expr::value(version.updated_at.0))
        .filter(versions::Column::Uuid.eq(version.uuid))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Removes a version with its states and links.
pub async fn delete(c: &impl Conn, uuid: Uuid) -> Result<()> {
    versions::Entity::delete_many()
        .filter(versions::Column::Uuid.eq(uuid))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Removes every version of an environment with its states and links.
pub async fn delete_all(c: &impl Conn, environment: EnvironmentId) -> Result<()> {
    versions::Entity::delete_many()
        .filter(versions::Column::EnvironmentId.eq(environment.0))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// The version with that id.
pub async fn find(c: &impl Conn, uuid: Uuid) -> Result<Option<FeatureVersion>> {
    let select = versions::Entity::find().filter(versions::Column::Uuid.eq(uuid));
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The live version of a feature in an environment.
pub async fn find_live(
    c: &impl Conn,
    environment: EnvironmentId,
    feature: FeatureId,
    now: Timestamp,
) -> Result<Option<FeatureVersion>> {
    let select = versions::Entity::find()
        .filter(versions::Column::EnvironmentId.eq(environment.0))
        .filter(versions::Column::FeatureId.eq(feature.0))
        .filter(versions::Column::Published.eq(true))
        .filter(versions::Column::LiveFrom.lte(now.0))
        .order_by_desc(versions::Column::LiveFrom)
        .order_by_desc(versions::Column::Id);
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The unpublished version of a feature in an environment, if there is one.
pub async fn find_draft(
    c: &impl Conn,
    environment: EnvironmentId,
    feature: FeatureId,
) -> Result<Option<FeatureVersion>> {
    let select = versions::Entity::find()
        .filter(versions::Column::EnvironmentId.eq(environment.0))
        .filter(versions::Column::FeatureId.eq(feature.0))
        .filter(versions::Column::Published.eq(false))
        .order_by_desc(versions::Column::Id);
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The versions of a feature in an environment, newest `live_from` first, drafts before all.
pub async fn list(
    c: &impl Conn,
    environment: EnvironmentId,
    feature: FeatureId,
    live: Option<(bool, Timestamp)>,
    slice: Slice,
) -> Result<Page<FeatureVersion>> {
    use sea_orm::{Condition, sea_query::NullOrdering};
    let mut select = versions::Entity::find()
        .filter(versions::Column::EnvironmentId.eq(environment.0))
        .filter(versions::Column::FeatureId.eq(feature.0));
    if let Some((live, now)) = live {
        let condition = Condition::all()
            .add(versions::Column::Published.eq(true))
            .add(versions::Column::LiveFrom.lte(now.0))
            .add(versions::Column::LiveFrom.is_not_null());
        select = select.filter(if live { condition } else { condition.not() });
    }
    let select = select
        .order_by_with_nulls(
            versions::Column::LiveFrom,
            sea_orm::Order::Desc,
            NullOrdering::First,
        )
        .order_by_desc(versions::Column::Id);
    Ok(page(c.raw(), select, slice).await?.map(Into::into))
}

/// The published version of the same feature and environment that came into force last before another one; for a
/// version without such a time, before `now`.
pub async fn find_previous(
    c: &impl Conn,
    version: &FeatureVersion,
    now: Timestamp,
) -> Result<Option<FeatureVersion>> {
    let select = versions::Entity::find()
        .filter(versions::Column::EnvironmentId.eq(version.environment.0))
        .filter(versions::Column::FeatureId.eq(version.feature.0))
        .filter(versions::Column::Published.eq(true))
        .filter(versions::Column::LiveFrom.lt(version.live_from.unwrap_or(now).0))
        .filter(versions::Column::Uuid.ne(version.uuid))
        .order_by_desc(versions::Column::LiveFrom)
        .order_by_desc(versions::Column::Id);
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// Every version of a feature, in every environment, in the order they were made.
pub async fn list_of_feature(c: &impl Conn, feature: FeatureId) -> Result<Vec<FeatureVersion>> {
    let select = versions::Entity::find()
        .filter(versions::Column::FeatureId.eq(feature.0))
        .order_by_asc(versions::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// When the last published version of each feature was made, in one environment or in any: one statement.
pub async fn last_published(
    c: &impl Conn,
    features: &[FeatureId],
    environment: Option<EnvironmentId>,
) -> Result<HashMap<FeatureId, Timestamp>> {
    let mut select = versions::Entity::find()
        .select_only()
        .column(versions::Column::FeatureId)
        .column_as(versions::Column::CreatedAt.max(), "last")
        .filter(one_of(
            versions::Column::FeatureId,
            features.iter().map(|id| id.0),
        ))
        .filter(versions::Column::Published.eq(true))
        .group_by(versions::Column::FeatureId);
    if let Some(environment) = environment {
        select = select.filter(versions::Column::EnvironmentId.eq(environment.0));
    }
    let rows: Vec<(i32, i64)> = select.into_tuple().all(c.raw()).await?;
    Ok(rows
        .into_iter()
        .map(|(feature, at)| (FeatureId(feature), Timestamp(at)))
        .collect())
}

/// The environments in which a published version has come into force since their answers last changed. Of each only the
/// versions in between are read.
pub async fn list_due(c: &impl Conn, now: Timestamp) -> Result<Vec<EnvironmentId>> {
    let due = due(now);
    let rows = c.raw().query_all(&due).await?;
    rows.iter()
        .map(|row| Ok(EnvironmentId(row.try_get_by_index(0)?)))
        .collect()
}

/// What [`list_due`] asks; public for the test that looks at its plan.
#[doc(hidden)]
pub fn due(now: Timestamp) -> SelectStatement {
    let of = |column| Expr::col((environments::Entity, column));
    let come = Query::select()
        .expr(Expr::val(1))
        .from(versions::Entity)
        .and_where(
            versions::Column::EnvironmentId
                .into_expr()
                .eq(of(environments::Column::Id)),
        )
        .and_where(versions::Column::Published.eq(true))
        .and_where(
            versions::Column::LiveFrom
                .into_expr()
                .gt(of(environments::Column::UpdatedAt)),
        )
        .and_where(versions::Column::LiveFrom.lte(now.0))
        .to_owned();
    Query::select()
        .column((environments::Entity, environments::Column::Id))
        .from(environments::Entity)
        .and_where(environments::Column::DeletedAt.is_null())
        .and_where(Expr::exists(come))
        .to_owned()
}
