//! Who is in a group.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use liftgate_app::access::need::{Admin, Member};
use liftgate_app::{App, groups};
use liftgate_model::{GroupId, UserId};

use super::wire::{GroupBody, People};
use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;

/// Takes members of the organisation into a group.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/add-users/", tag = "groups",
    request_body = People, responses((status = 200, body = GroupBody)))]
pub async fn add(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
    body: Body,
) -> Result<Reply<GroupBody>, ApiError> {
    groups::find(&app, &on, id).await?;
    let people: People = body.parse(Mode::Create)?;
    Ok(Reply(groups::add(&app, &on, id, &people.ids()).await?.into()))
}

/// Takes people out of a group.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/remove-users/", tag = "groups",
    request_body = People, responses((status = 200, body = GroupBody)))]
pub async fn remove(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
    body: Body,
) -> Result<Reply<GroupBody>, ApiError> {
    groups::find(&app, &on, id).await?;
    let people: People = body.parse(Mode::Create)?;
    Ok(Reply(groups::remove(&app, &on, id, &people.ids()).await?.into()))
}

/// Makes somebody in a group its admin.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/users/{user_id}/make-admin", tag = "groups",
    responses((status = 200)))]
pub async fn make_admin(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
    PathId(user): PathId<UserId>,
) -> Result<StatusCode, ApiError> {
    groups::change_admin(&app, &on, id, user, true).await?;
    Ok(StatusCode::OK)
}

/// Makes an admin of a group an ordinary member of it.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/groups/{group_id}/users/{user_id}/remove-admin", tag = "groups",
    responses((status = 200)))]
pub async fn remove_admin(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<GroupId>,
    PathId(user): PathId<UserId>,
) -> Result<StatusCode, ApiError> {
    groups::change_admin(&app, &on, id, user, false).await?;
    Ok(StatusCode::OK)
}
