//! Removes a segment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ManageSegments;
use liftgate_app::{App, segments};
use liftgate_model::SegmentId;

use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::NoContent;

/// Removes a segment with every override that uses it.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/segments/{segment_id}/", tag = "segments",
    params(("project_id" = i32, Path), ("segment_id" = i32, Path)), responses((status = 204)))]
pub async fn delete(
    GuardedProject(on): GuardedProject<ManageSegments>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SegmentId>,
) -> Result<NoContent, ApiError> {
    segments::delete(&app, &on, id).await?;
    Ok(NoContent)
}
