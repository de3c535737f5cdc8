//! Makes, reads, changes and deletes groups.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnOrganisation;
use liftgate_app::access::need::{ManageUserGroups, Member};
use liftgate_app::{App, groups};
use liftgate_model::GroupId;

use super::wire::{GroupBody, GroupInput};
use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};

/// Makes a group; nobody is in it.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/groups/", tag = "groups",
    request_body = GroupInput, responses((status = 201, body = GroupBody)))]
pub async fn create(
    Organisation(on): Organisation<ManageUserGroups>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<GroupBody>, ApiError> {
    let input: GroupInput = body.parse(Mode::Create)?;
    Ok(Created::new(
        groups::create(&app, &on, input.into()).await?.into(),
    ))
}

/// One group.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/", tag = "groups",
    responses((status = 200, body = GroupBody)))]
pub async fn read(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
) -> Result<Reply<GroupBody>, ApiError> {
    Ok(Reply(groups::find(&app, &on, id).await?.into()))
}

/// Changes a group.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/", tag = "groups",
    request_body = GroupInput, responses((status = 200, body = GroupBody)))]
pub async fn update(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
    body: Body,
) -> Result<Reply<GroupBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Put).await
}

/// Changes some things about a group.
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/", tag = "groups",
    request_body = GroupInput, responses((status = 200, body = GroupBody)))]
pub async fn patch(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
    body: Body,
) -> Result<Reply<GroupBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Patch).await
}

/// Deletes a group with what it was granted.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/", tag = "groups",
    responses((status = 204)))]
pub async fn delete(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
) -> Result<NoContent, ApiError> {
    groups::delete(&app, &on, id).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnOrganisation<Member>,
    id: GroupId,
    body: &Body,
    mode: Mode,
) -> Result<Reply<GroupBody>, ApiError> {
    // What the caller may not see is 404 before the body is looked at.
    groups::find(app, on, id).await?;
    let input: GroupInput = body.parse(mode)?;
    Ok(Reply(groups::update(app, on, id, input.into()).await?.into()))
}
