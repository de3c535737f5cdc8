//! Tags of a project.

use crate::entity::tags;
use crate::values::{one_of, page};
use crate::{Conn, Result};
use liftgate_model::project::Tag;
use liftgate_model::{Page, ProjectId, Slice, TagId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

impl From<tags::Model> for Tag {
    fn from(row: tags::Model) -> Self {
        Self {
            id: TagId(row.id),
            uuid: row.uuid,
            project: ProjectId(row.project_id),
            label: row.label,
            color: row.color,
            description: row.description,
            is_permanent: row.is_permanent,
        }
    }
}

fn columns(tag: &Tag) -> tags::ActiveModel {
    tags::ActiveModel {
        label: Set(tag.label.clone()),
        color: Set(tag.color.clone()),
        description: Set(tag.description.clone()),
        is_permanent: Set(tag.is_permanent),
        ..Default::default()
    }
}

/// Stores a tag; its `id` is given by the database.
pub async fn create(c: &impl Conn, tag: &Tag) -> Result<Tag> {
    let row = tags::ActiveModel {
        uuid: Set(tag.uuid),
        project_id: Set(tag.project.0),
        ..columns(tag)
    };
    Ok(tags::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// Stores what changed about a tag.
pub async fn update(c: &impl Conn, tag: &Tag) -> Result<()> {
    tags::Entity::update(tags::ActiveModel {
        id: Set(tag.id.0),
        ..columns(tag)
    })
    .exec(c.raw())
    .await?;
    Ok(())
}

/// Removes a tag, also from features.
pub async fn delete(c: &impl Conn, id: TagId) -> Result<()> {
    tags::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// The tags of a project, by id.
pub async fn list(c: &impl Conn, project: ProjectId, slice: Slice) -> Result<Page<Tag>> {
    let select = tags::Entity::find()
        .filter(tags::Column::ProjectId.eq(project.0))
        .order_by_asc(tags::Column::Id);
    Ok(page(c.raw(), select, slice).await?.map(Into::into))
}

/// Those of the given tags that belong to the project, by id.
pub async fn list_by_ids(c: &impl Conn, project: ProjectId, ids: &[TagId]) -> Result<Vec<Tag>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = tags::Entity::find()
        .filter(tags::Column::ProjectId.eq(project.0))
        .filter(one_of(tags::Column::Id, ids.iter().map(|id| id.0)))
        .order_by_asc(tags::Column::Id);
    Ok(select.all(c.raw()).await?.into_iter().map(Into::into).collect())
}

/// The tag with that id in a project.
pub async fn find(c: &impl Conn, project: ProjectId, id: TagId) -> Result<Option<Tag>> {
    Ok(list_by_ids(c, project, &[id]).await?.pop())
}

/// The tag with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<Tag>> {
    Ok(tags::Entity::find()
        .filter(tags::Column::Uuid.eq(uuid))
        .one(c.raw())
        .await?
        .map(Into::into))
}

/// The projects of tags, by tag; unknown ones are absent.
pub async fn list_projects(c: &impl Conn, ids: &[TagId]) -> Result<HashMap<TagId, ProjectId>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let select = tags::Entity::find().filter(one_of(tags::Column::Id, ids.iter().map(|id| id.0)));
    let rows = select.all(c.raw()).await?;
    Ok(rows
        .into_iter()
        .map(|row| (TagId(row.id), ProjectId(row.project_id)))
        .collect())
}

/// The permanent tags of a project, ascending.
pub async fn list_permanent(c: &impl Conn, project: ProjectId) -> Result<Vec<TagId>> {
    let select = tags::Entity::find()
        .filter(tags::Column::ProjectId.eq(project.0))
        .filter(tags::Column::IsPermanent.eq(true))
        .order_by_asc(tags::Column::Id);
    let rows = select.all(c.raw()).await?;
    Ok(rows.into_iter().map(|row| TagId(row.id)).collect())
}
