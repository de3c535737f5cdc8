//! Lists, makes, reads, changes and deletes tags.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnProject;
use liftgate_app::access::need::{ManageTags, ViewProject};
use liftgate_app::{App, projects};
use liftgate_model::TagId;

use super::wire::{TagBody, TagInput};
use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId, PathUuid};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Paged, Reply};

/// The tags of a project.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/tags/", tag = "tags", params(Page10),
    responses((status = 200, body = Paged<TagBody>)))]
pub async fn list(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<TagBody>>, ApiError> {
    let found = projects::list_tags(&app, &on, page.slice()).await?;
    page.reply(found.map(Into::into))
}

/// Makes a tag.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/tags/", tag = "tags", request_body = TagInput,
    responses((status = 201, body = TagBody)))]
pub async fn create(
    VisibleProject(on): VisibleProject<ManageTags>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<TagBody>, ApiError> {
    let input: TagInput = body.parse(Mode::Create)?;
    Ok(Created::new(
        projects::create_tag(&app, &on, input.into()).await?.into(),
    ))
}

/// One tag.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/tags/{tag_id}/", tag = "tags",
    responses((status = 200, body = TagBody)))]
pub async fn read(
    VisibleProject(on): VisibleProject<ManageTags>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<TagId>,
) -> Result<Reply<TagBody>, ApiError> {
    Ok(Reply(projects::find_tag(&app, &on, id).await?.into()))
}

/// One tag by its public id.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/tags/get-by-uuid/{uuid}/", tag = "tags",
    responses((status = 200, body = TagBody)))]
pub async fn by_uuid(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<TagBody>, ApiError> {
    Ok(Reply(projects::find_tag_by_uuid(&app, &on, uuid).await?.into()))
}

/// Changes a tag.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/tags/{tag_id}/", tag = "tags", request_body = TagInput,
    responses((status = 200, body = TagBody)))]
pub async fn update(
    VisibleProject(on): VisibleProject<ManageTags>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<TagId>,
    body: Body,
) -> Result<Reply<TagBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Put).await
}

/// Changes some things about a tag.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/tags/{tag_id}/", tag = "tags", request_body = TagInput,
    responses((status = 200, body = TagBody)))]
pub async fn patch(
    VisibleProject(on): VisibleProject<ManageTags>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<TagId>,
    body: Body,
) -> Result<Reply<TagBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Patch).await
}

/// Removes a tag, also from features.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/tags/{tag_id}/", tag = "tags",
    responses((status = 204)))]
pub async fn delete(
    VisibleProject(on): VisibleProject<ManageTags>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<TagId>,
) -> Result<NoContent, ApiError> {
    projects::delete_tag(&app, &on, id).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnProject<ManageTags>,
    id: TagId,
    body: &Body,
    mode: Mode,
) -> Result<Reply<TagBody>, ApiError> {
    let input: TagInput = body.parse(mode)?;
    Ok(Reply(
        projects::update_tag(app, on, id, input.into()).await?.into(),
    ))
}
