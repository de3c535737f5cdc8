//! Makes a segment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ManageSegments;
use liftgate_app::{App, segments};

use super::wire::{NewSegmentBody, SegmentBody};
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;

/// Makes a segment.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/segments/", tag = "segments",
    params(("project_id" = i32, Path)), request_body = NewSegmentBody,
    responses((status = 201, body = SegmentBody)))]
pub async fn create(
    GuardedProject(on): GuardedProject<ManageSegments>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<SegmentBody>, ApiError> {
    let new: NewSegmentBody = body.parse(Mode::Create)?;
    Ok(Created::new(
        segments::create(&app, &on, new.into()).await?.into(),
    ))
}
