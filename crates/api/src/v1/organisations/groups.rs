//! Groups, of which there are none.

use liftgate_app::access::need::Member;
use liftgate_model::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::Page10;
use crate::reply::{Paged, Reply};

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupSummary {
    id: i32,
    name: String,
}

/// A page of nothing.
pub(super) fn none<T>() -> Page<T> {
    Page {
        total: 0,
        items: Vec::new(),
    }
}

/// The groups: none.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/", tag = "organisations",
    params(Page10), responses((status = 200, body = Paged<GroupSummary>)))]
pub async fn list(_: Organisation<Member>, page: Page10) -> Result<Reply<Paged<GroupSummary>>, ApiError> {
    page.reply(none())
}

/// The names of the groups: none.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/summaries/", tag = "organisations",
    responses((status = 200, body = Vec<GroupSummary>)))]
pub async fn summaries(_: Organisation<Member>) -> Reply<Vec<GroupSummary>> {
    Reply(Vec::new())
}

/// The caller's groups: none.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/groups/my-groups/", tag = "organisations",
    params(Page10), responses((status = 200, body = Paged<GroupSummary>)))]
pub async fn mine(_: Organisation<Member>, page: Page10) -> Result<Reply<Paged<GroupSummary>>, ApiError> {
    page.reply(none())
}
