//! Change requests and release pipelines, of which there are none: clients ask for them when they show environments and
//! projects (contract, admin API, section 9). To make one is to ask for a path that does not exist.

use liftgate_app::access::need::{ViewEnvironment, ViewProject};
use liftgate_model::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{GuardedEnvironment, VisibleProject};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::Page10;
use crate::operations;
use crate::reply::{Paged, Reply};
use crate::router::Routes;

/// The routes of change requests and release pipelines.
pub fn routes() -> Routes {
    operations!(environment_requests, project_requests, all_requests, pipelines)
}

/// A change request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeRequest {
    id: i32,
    title: String,
}

/// A release pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasePipeline {
    id: i32,
    name: String,
}

fn none<T>() -> Page<T> {
    Page {
        total: 0,
        items: Vec::new(),
    }
}

/// The change requests of an environment: none.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/list-change-requests/", tag = "workflows",
    params(Page10), responses((status = 200, body = Paged<ChangeRequest>)))]
async fn environment_requests(
    _: GuardedEnvironment<ViewEnvironment>,
    page: Page10,
) -> Result<Reply<Paged<ChangeRequest>>, ApiError> {
    page.reply(none())
}

/// The change requests of a project: none.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/change-requests/", tag = "workflows",
    params(Page10), responses((status = 200, body = Paged<ChangeRequest>)))]
async fn project_requests(
    _: VisibleProject<ViewProject>,
    page: Page10,
) -> Result<Reply<Paged<ChangeRequest>>, ApiError> {
    page.reply(none())
}

/// The change requests the caller may see: none.
#[utoipa::path(get, path = "/api/v1/features/workflows/change-requests/", tag = "workflows",
    params(Page10), responses((status = 200, body = Paged<ChangeRequest>)))]
async fn all_requests(_: SignedIn, page: Page10) -> Result<Reply<Paged<ChangeRequest>>, ApiError> {
    page.reply(none())
}

/// The release pipelines of a project: none.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/release-pipelines/", tag = "workflows",
    params(Page10), responses((status = 200, body = Paged<ReleasePipeline>)))]
async fn pipelines(
    _: VisibleProject<ViewProject>,
    page: Page10,
) -> Result<Reply<Paged<ReleasePipeline>>, ApiError> {
    page.reply(none())
}
