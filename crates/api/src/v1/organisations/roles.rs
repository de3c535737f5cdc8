//! Roles, of which there are none: clients ask for them when they show members (contract, admin API, section 9).

use liftgate_app::access::need::Member;
use liftgate_model::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::Page10;
use crate::reply::{Paged, Reply};

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleSummary {
    id: i32,
    name: String,
}

/// The roles: none.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/roles/", tag = "organisations",
    params(Page10), responses((status = 200, body = Paged<RoleSummary>)))]
pub async fn list(_: Organisation<Member>, page: Page10) -> Result<Reply<Paged<RoleSummary>>, ApiError> {
    page.reply(Page {
        total: 0,
        items: Vec::new(),
    })
}
