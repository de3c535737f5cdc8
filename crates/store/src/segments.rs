//! Segments. The rule tree of a segment is one JSON document in its row.

use crate::entity::{segment_revisions as revisions, segments};
use crate::values::{contains, one_of, page};
use crate::{Conn, Error, Result};
use liftgate_model::segment::{Rule, Segment};
use liftgate_model::{FeatureId, Page, ProjectId, SegmentId, Slice, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

fn read(row: segments::Model) -> Result<Segment> {
    Ok(Segment {
        id: SegmentId(row.id),
        uuid: row.uuid,
        project: ProjectId(row.project_id),
        name: row.name,
        description: row.description,
        feature: row.feature_id.map(FeatureId),
        is_system: row.is_system,
        rules: serde_json::from_value(row.rules)
            .map_err(|error| Error::corrupt("segments", error.to_string()))?,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

fn rules(rules: &[Rule]) -> Result<serde_json::Value> {
    serde_json::to_value(rules).map_err(|error| Error::corrupt("segments", error.to_string()))
}

/// Stores a segment; its `id` is given by the database.
pub async fn create(c: &impl Conn, segment: &Segment) -> Result<Segment> {
    let row = segments::ActiveModel {
        uuid: Set(segment.uuid),
        project_id: Set(segment.project.0),
        name: Set(segment.name.clone()),
        description: Set(segment.description.clone()),
        feature_id: Set(segment.feature.map(|id| id.0)),
        is_system: Set(segment.is_system),
        rules: Set(rules(&segment.rules)?),
        created_at: Set(segment.created_at.0),
        updated_at: Set(segment.updated_at.0),
        ..Default::default()
    };
    read(segments::Entity::insert(row).exec_with_returning(c.raw()).await?)
}

/// Stores what changed about a segment, and what it was before as a revision.
pub async fn update(c: &impl Conn, before: &Segment, after: &Segment) -> Result<()> {
    let revision = revisions::ActiveModel {
        segment_id: Set(before.id.0),
        name: Set(before.name.clone()),
        description: Set(before.description.clone()),
        rules: Set(rules(&before.rules)?),
        created_at: Set(after.updated_at.0),
        ..Default::default()
    };
    revisions::Entity::insert(revision)
        .exec_without_returning(c.raw())
        .await?;
    let row = segments::ActiveModel {
        id: Set(after.id.0),
        name: Set(after.name.clone()),
        description: Set(after.description.clone()),
        feature_id: Set(after.feature.map(|id| id.0)),
        rules: Set(rules(&after.rules)?),
        updated_at: Set(after.updated_at.0),
        ..Default::default()
    };
    segments::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Soft-deletes a segment.
pub async fn delete(c: &impl Conn, id: SegmentId, now: Timestamp) -> Result<()> {
    let row = segments::ActiveModel {
        id: Set(id.0),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    segments::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// The segment with that id in a project, system segments included.
pub async fn find(c: &impl Conn, project: ProjectId, id: SegmentId) -> Result<Option<Segment>> {
    let select = segments::Entity::find_by_id(id.0)
        .filter(segments::Column::ProjectId.eq(project.0))
        .filter(segments::Column::DeletedAt.is_null());
    select.one(c.raw()).await?.map(read).transpose()
}

/// The segment with that public id, system segments included.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<Segment>> {
    let select = segments::Entity::find()
        .filter(segments::Column::Uuid.eq(uuid))
        .filter(segments::Column::DeletedAt.is_null());
    select.one(c.raw()).await?.map(read).transpose()
}

/// Which segments a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct SegmentFilter<'a> {
    /// A part of the name, in any case.
    pub name_contains: Option<&'a str>,
    /// Leave out segments bound to one feature.
    pub without_feature_specific: bool,
    /// Only these.
    pub only: Option<&'a [SegmentId]>,
}

/// The segments people made in a project, by id.
pub async fn list(
    c: &impl Conn,
    project: ProjectId,
    filter: SegmentFilter<'_>,
    slice: Slice,
) -> Result<Page<Segment>> {
    let mut select = segments::Entity::find()
        .filter(segments::Column::ProjectId.eq(project.0))
        .filter(segments::Column::IsSystem.eq(false))
        .filter(segments::Column::DeletedAt.is_null())
        .order_by_asc(segments::Column::Id);
    if let Some(text) = filter.name_contains {
        select = select.filter(contains(segments::Column::Name, text));
    }
    if filter.without_feature_specific {
        select = select.filter(segments::Column::FeatureId.is_null());
    }
    if let Some(only) = filter.only {
        select = select.filter(one_of(segments::Column::Id, only.iter().map(|id| id.0)));
    }
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: rows.items.into_iter().map(read).collect::<Result<_>>()?,
    })
}

/// Every segment of a project, system segments included, by id.
pub async fn list_all(c: &impl Conn, project: ProjectId) -> Result<Vec<Segment>> {
    let select = segments::Entity::find()
        .filter(segments::Column::ProjectId.eq(project.0))
        .filter(segments::Column::DeletedAt.is_null())
        .order_by_asc(segments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// The segments with those ids, by id.
pub async fn list_by_ids(c: &impl Conn, ids: &[SegmentId]) -> Result<Vec<Segment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = segments::Entity::find()
        .filter(one_of(segments::Column::Id, ids.iter().map(|id| id.0)))
        .filter(segments::Column::DeletedAt.is_null())
        .order_by_asc(segments::Column::Id);
    select.all(c.raw()).await?.into_iter().map(read).collect()
}

/// How many segments a project has, system segments included.
pub async fn count(c: &impl Conn, project: ProjectId) -> Result<u64> {
    let select = segments::Entity::find()
        .filter(segments::Column::ProjectId.eq(project.0))
        .filter(segments::Column::DeletedAt.is_null());
    Ok(select.count(c.raw()).await?)
}
