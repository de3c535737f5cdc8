//! The tags of a project.

use crate::App;
use crate::access::OnProject;
use crate::access::need::{ManageTags, ViewProject};
use crate::error::{Error, Result};
use liftgate_model::project::Tag;
use liftgate_model::{Page, Slice, TagId};
use liftgate_store::{Conn, tags};
use uuid::Uuid;

/// A tag as it is asked for.
#[derive(Debug, Clone)]
pub struct NewTag {
    /// Text.
    pub label: String,
    /// Colour, `#rrggbb`.
    pub color: String,
    /// More text.
    pub description: Option<String>,
    /// Whether features so tagged never count as stale.
    pub is_permanent: bool,
}

/// What to change. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TagChange {
    /// Text.
    pub label: Option<String>,
    /// Colour, `#rrggbb`.
    pub color: Option<String>,
    /// More text; the inner `None` empties it.
    pub description: Option<Option<String>>,
    /// Whether features so tagged never count as stale.
    pub is_permanent: Option<bool>,
}

/// The tags of a project, by id.
pub async fn list_tags(app: &App, on: &OnProject<ViewProject>, slice: Slice) -> Result<Page<Tag>> {
    Ok(tags::list(&app.store.reader(), on.project.id, slice).await?)
}

/// One tag.
pub async fn find_tag(app: &App, on: &OnProject<ManageTags>, id: TagId) -> Result<Tag> {
    find(&app.store.reader(), on, id).await
}

/// The tag with that public id.
pub async fn find_tag_by_uuid(app: &App, on: &OnProject<ViewProject>, uuid: Uuid) -> Result<Tag> {
    let found = tags::find_by_uuid(&app.store.reader(), uuid).await?;
    found
        .filter(|tag| tag.project == on.project.id)
        .ok_or_else(|| Error::missing("Tag"))
}

/// Makes a tag.
pub async fn create_tag(app: &App, on: &OnProject<ManageTags>, new: NewTag) -> Result<Tag> {
    let tag = Tag {
        id: TagId(0),
        uuid: app.random.uuid(),
        project: on.project.id,
        label: new.label,
        color: new.color,
        description: new.description,
        is_permanent: new.is_permanent,
    };
    let tx = app.store.begin().await?;
    let tag = tags::create(&tx, &tag).await?;
    tx.commit().await?;
    Ok(tag)
}

/// Changes a tag.
pub async fn update_tag(app: &App, on: &OnProject<ManageTags>, id: TagId, change: TagChange) -> Result<Tag> {
    let tx = app.store.begin().await?;
    let mut tag = find(&tx, on, id).await?;
    tag.label = change.label.unwrap_or(tag.label);
    tag.color = change.color.unwrap_or(tag.color);
    tag.description = change.description.unwrap_or(tag.description);
    tag.is_permanent = change.is_permanent.unwrap_or(tag.is_permanent);
    tags::update(&tx, &tag).await?;
    tx.commit().await?;
    Ok(tag)
}

/// Removes a tag, also from features.
pub async fn delete_tag(app: &App, on: &OnProject<ManageTags>, id: TagId) -> Result<()> {
    let tx = app.store.begin().await?;
    let tag = find(&tx, on, id).await?;
    tags::delete(&tx, tag.id).await?;
    Ok(tx.commit().await?)
}

async fn find(conn: &impl Conn, on: &OnProject<ManageTags>, id: TagId) -> Result<Tag> {
    let found = tags::find(conn, on.project.id, id).await?;
    found.ok_or_else(|| Error::missing("Tag"))
}
