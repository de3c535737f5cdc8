//! Changes a segment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnProject;
use liftgate_app::access::need::ManageSegments;
use liftgate_app::{App, segments};
use liftgate_model::SegmentId;

use super::wire::{SegmentBody, SegmentChangeBody};
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;

/// Changes a segment: name and rules must be given.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/segments/{segment_id}/", tag = "segments",
    params(("project_id" = i32, Path), ("segment_id" = i32, Path)), request_body = SegmentChangeBody,
    responses((status = 200, body = SegmentBody)))]
pub async fn put(
    GuardedProject(on): GuardedProject<ManageSegments>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SegmentId>,
    body: Body,
) -> Result<Reply<SegmentBody>, ApiError> {
    change(&app, &on, id, body.parse(Mode::Put)?).await
}

/// Changes what is given about a segment; rules that are given are the whole tree.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/segments/{segment_id}/", tag = "segments",
    params(("project_id" = i32, Path), ("segment_id" = i32, Path)), request_body = SegmentChangeBody,
    responses((status = 200, body = SegmentBody)))]
pub async fn patch(
    GuardedProject(on): GuardedProject<ManageSegments>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SegmentId>,
    body: Body,
) -> Result<Reply<SegmentBody>, ApiError> {
    change(&app, &on, id, body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnProject<ManageSegments>,
    id: SegmentId,
    change: SegmentChangeBody,
) -> Result<Reply<SegmentBody>, ApiError> {
    Ok(Reply(segments::update(app, on, id, change.into()).await?.into()))
}
