//! Reads, changes and deletes projects.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnProject;
use liftgate_app::access::need::{Admin, ViewProject};
use liftgate_app::{App, projects};

use super::wire::{ProjectBody, ProjectDetail, ProjectInput};
use crate::access::VisibleProject;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Body, PathUuid};
use crate::form::Mode;
use crate::reply::{NoContent, Reply};

/// One project, with how much is in it.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/", tag = "projects",
    responses((status = 200, body = ProjectDetail)))]
pub async fn read(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
) -> Result<Reply<ProjectDetail>, ApiError> {
    let totals = projects::totals(&app, &on).await?;
    Ok(Reply(ProjectDetail::new(&on.project, totals)))
}

/// One project by its public id.
#[utoipa::path(get, path = "/api/v1/projects/get-by-uuid/{uuid}/", tag = "projects",
    responses((status = 200, body = ProjectBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<ProjectBody>, ApiError> {
    let on: OnProject<ViewProject> = app.access().project_by_uuid(&actor, uuid).await?;
    Ok(Reply((&on.project).into()))
}

/// Changes a project; the organisation stays.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/", tag = "projects", request_body = ProjectInput,
    responses((status = 200, body = ProjectBody)))]
pub async fn update(
    VisibleProject(on): VisibleProject<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<ProjectBody>, ApiError> {
    change(&app, &on, &body, Mode::Put).await
}

/// Changes some things about a project.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/", tag = "projects", request_body = ProjectInput,
    responses((status = 200, body = ProjectBody)))]
pub async fn patch(
    VisibleProject(on): VisibleProject<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<ProjectBody>, ApiError> {
    change(&app, &on, &body, Mode::Patch).await
}

/// Deletes a project with its environments: their keys are refused from now on.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/", tag = "projects", responses((status = 204)))]
pub async fn delete(
    VisibleProject(on): VisibleProject<Admin>,
    State(app): State<Arc<App>>,
) -> Result<NoContent, ApiError> {
    projects::delete(&app, &on).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnProject<Admin>,
    body: &Body,
    mode: Mode,
) -> Result<Reply<ProjectBody>, ApiError> {
    let input: ProjectInput = body.parse(mode)?;
    let project = projects::update(app, on, input.into()).await?;
    Ok(Reply((&project).into()))
}
