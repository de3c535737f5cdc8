//! One segment, by id and by public id.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewSegments;
use liftgate_app::error::Missing;
use liftgate_app::{App, Error, segments};
use liftgate_model::SegmentId;
use uuid::Uuid;

use super::wire::SegmentBody;
use crate::access::GuardedProject;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::path::TextName;
use crate::extract::{PathId, PathText};
use crate::reply::Reply;

/// One segment.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/segments/{segment_id}/", tag = "segments",
    params(("project_id" = i32, Path), ("segment_id" = i32, Path)),
    responses((status = 200, body = SegmentBody)))]
pub async fn read(
    GuardedProject(on): GuardedProject<ViewSegments>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SegmentId>,
) -> Result<Reply<SegmentBody>, ApiError> {
    Ok(Reply(segments::find(&app, &on, id).await?.into()))
}

/// The public id in the path.
#[derive(Debug)]
pub struct SegmentUuid;

impl TextName for SegmentUuid {
    const NAME: &'static str = "segment_uuid";
}

/// One segment by its public id, in any project that the caller may see.
#[utoipa::path(get, path = "/api/v1/segments/get-by-uuid/{segment_uuid}/", tag = "segments",
    params(("segment_uuid" = Uuid, Path)), responses((status = 200, body = SegmentBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    uuid: PathText<SegmentUuid>,
) -> Result<Reply<SegmentBody>, ApiError> {
    let uuid = Uuid::parse_str(&uuid.text).map_err(|_| Error::NotFound(Missing::Plain))?;
    Ok(Reply(segments::find_by_uuid(&app, &actor, uuid).await?.into()))
}
