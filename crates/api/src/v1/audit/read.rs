//! One record.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewAuditLog;
use liftgate_app::{App, audit};
use liftgate_model::AuditId;

use super::wire::AuditDetail;
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;

/// One record of a project, with what differs.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/audit/{audit_id}/", tag = "audit",
    responses((status = 200, body = AuditDetail)))]
pub async fn read(
    GuardedProject(on): GuardedProject<ViewAuditLog>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<AuditId>,
) -> Result<Reply<AuditDetail>, ApiError> {
    let found = audit::find(&app, &on, id).await?;
    Ok(Reply((&found).into()))
}
