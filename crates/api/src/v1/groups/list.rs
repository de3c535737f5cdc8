//! Lists groups.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Member;
use liftgate_app::{App, groups};

use super::wire::{GroupBody, GroupSummary};
use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::Page10;
use crate::reply::{Paged, Reply};

/// The groups the caller may manage.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/", tag = "groups",
    params(Page10), responses((status = 200, body = Paged<GroupBody>)))]
pub async fn list(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<GroupBody>>, ApiError> {
    let found = groups::list(&app, &on, page.slice()).await?;
    page.reply(found.map(Into::into))
}

/// The names of all groups.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/summaries/", tag = "groups",
    responses((status = 200, body = Vec<GroupSummary>)))]
pub async fn summaries(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<GroupSummary>>, ApiError> {
    let all = groups::summaries(&app, &on).await?;
    Ok(Reply(all.into_iter().map(Into::into).collect()))
}

/// The groups the caller is in.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/my-groups/", tag = "groups",
    params(Page10), responses((status = 200, body = Paged<GroupSummary>)))]
pub async fn mine(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<GroupSummary>>, ApiError> {
    let found = groups::list_mine(&app, &on, page.slice()).await?;
    page.reply(found.map(Into::into))
}
