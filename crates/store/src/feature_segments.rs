//! The links of features to segments, carrying the priority of segment overrides.

use crate::entity::feature_segments as links;
use crate::values::one_of;
use crate::{Conn, Result};
use liftgate_model::feature_state::FeatureSegment;
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, SegmentId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

impl From<links::Model> for FeatureSegment {
    fn from(row: links::Model) -> Self {
        Self {
            id: FeatureSegmentId(row.id),
            uuid: row.uuid,
            feature: FeatureId(row.feature_id),
            segment: SegmentId(row.segment_id),
            environment: EnvironmentId(row.environment_id),
            priority: row.priority,
            version: row.version_uuid,
        }
    }
}

/// Stores a link; its `id` is given by the database.
pub async fn create(c: &impl Conn, link: &FeatureSegment) -> Result<FeatureSegment> {
    let row = links::ActiveModel {
        uuid: Set(link.uuid),
        feature_id: Set(link.feature.0),
        segment_id: Set(link.segment.0),
        environment_id: Set(link.environment.0),
        priority: Set(link.priority),
        version_uuid: Set(link.version),
        ..Default::default()
    };
    Ok(links::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores a new priority.
pub async fn update_priority(c: &impl Conn, id: FeatureSegmentId, priority: i32) -> Result<()> {
    links::Entity::update_many()
        .col_expr(links::Column::Priority, Expr::value(priority))
        .filter(links::Column::Id.eq(id.0))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Moves a link into a version, or out of every version.
pub async fn update_version(c: &impl Conn, id: FeatureSegmentId, version: Option<Uuid>) -> Result<()> {
    let row = links::ActiveModel {
        id: Set(id.0),
        version_uuid: Set(version),
        ..Default::default()
    };
    links::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes a link.
pub async fn delete(c: &impl Conn, id: FeatureSegmentId) -> Result<()> {
    links::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// Removes every link of a segment, in every environment and version.
pub async fn delete_of_segment(c: &impl Conn, segment: SegmentId) -> Result<()> {
    links::Entity::delete_many()
        .filter(links::Column::SegmentId.eq(segment.0))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// The link with that id.
pub async fn find(c: &impl Conn, id: FeatureSegmentId) -> Result<Option<FeatureSegment>> {
    Ok(links::Entity::find_by_id(id.0)
        .one(c.raw())
        .await?
        .map(Into::into))
}

/// The link with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<FeatureSegment>> {
    Ok(links::Entity::find()
        .filter(links::Column::Uuid.eq(uuid))
        .one(c.raw())
        .await?
        .map(Into::into))
}

/// The links with those ids.
pub async fn list_by_ids(c: &impl Conn, ids: &[FeatureSegmentId]) -> Result<Vec<FeatureSegment>> {
    let select = links::Entity::find().filter(one_of(links::Column::Id, ids.iter().map(|id| id.0)));
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// The links of a feature in an environment, strongest first: those of a version, or those of none.
pub async fn list(
    c: &impl Conn,
    environment: EnvironmentId,
    feature: FeatureId,
    version: Option<Uuid>,
) -> Result<Vec<FeatureSegment>> {
    let mut select = links::Entity::find()
        .filter(links::Column::EnvironmentId.eq(environment.0))
        .filter(links::Column::FeatureId.eq(feature.0))
        .order_by_asc(links::Column::Priority)
        .order_by_asc(links::Column::Id);
    select = match version {
        Some(version) => select.filter(links::Column::VersionUuid.eq(version)),
        None => select.filter(links::Column::VersionUuid.is_null()),
    };
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}
