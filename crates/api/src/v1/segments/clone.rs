//! Copies a segment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ManageSegments;
use liftgate_app::{App, segments};
use liftgate_model::SegmentId;

use super::wire::{SegmentBody, SegmentCopy};
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Created;

/// Makes a segment with the same rules under another name. Its percentage splits draw other identities.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/segments/{segment_id}/clone/", tag = "segments",
    params(("project_id" = i32, Path), ("segment_id" = i32, Path)), request_body = SegmentCopy,
    responses((status = 201, body = SegmentBody)))]
pub async fn clone(
    GuardedProject(on): GuardedProject<ManageSegments>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SegmentId>,
    body: Body,
) -> Result<Created<SegmentBody>, ApiError> {
    let copy: SegmentCopy = body.parse(Mode::Create)?;
    Ok(Created::new(
        segments::clone(&app, &on, id, copy.name).await?.into(),
    ))
}
