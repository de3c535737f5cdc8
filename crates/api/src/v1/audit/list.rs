//! The records of a project or an organisation, newest first.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::{Admin, ViewAuditLog};
use liftgate_app::{App, audit};

use super::wire::{AuditBody, Wanted};
use crate::access::{GuardedProject, Organisation};
use crate::error::ApiError;
use crate::extract::{Page999, Query};
use crate::reply::{Paged, Reply};

/// The records of a project.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/audit/", tag = "audit",
    params(Page999,
        ("environments" = Option<Vec<i32>>, Query, description = "Only these environments; may be repeated."),
        ("search" = Option<String>, Query, description = "A part of the text, in any case."),
        ("is_system_event" = Option<bool>, Query, description = "Whether the server did it by itself.")),
    responses((status = 200, body = Paged<AuditBody>)))]
pub async fn of_project(
    GuardedProject(on): GuardedProject<ViewAuditLog>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<AuditBody>>, ApiError> {
    let Wanted(wanted) = query.parse()?;
    let found = audit::of_project(&app, &on, wanted, page.slice()).await?;
    page.reply(found.map(|view| (&view).into()))
}

/// The records of an organisation's projects.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/audit/", tag = "audit",
    params(Page999,
        ("project" = Option<i32>, Query, description = "Only this project."),
        ("environments" = Option<Vec<i32>>, Query, description = "Only these environments; may be repeated."),
        ("search" = Option<String>, Query, description = "A part of the text, in any case."),
        ("is_system_event" = Option<bool>, Query, description = "Whether the server did it by itself.")),
    responses((status = 200, body = Paged<AuditBody>)))]
pub async fn of_organisation(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<AuditBody>>, ApiError> {
    let Wanted(wanted) = query.parse()?;
    let found = audit::of_organisation(&app, &on, wanted, page.slice()).await?;
    page.reply(found.map(|view| (&view).into()))
}
