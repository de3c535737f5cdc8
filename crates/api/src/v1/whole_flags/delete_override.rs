//! Removes a segment override from a flag.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::WriteFlags;
use liftgate_app::flags::whole;
use liftgate_model::{FeatureId, SegmentId};

use super::guard::HiddenEnvironment;
use super::wire::FlagBody;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;

/// Removes the override of a segment, and answers the flag.
#[utoipa::path(delete,
    path = "/api/__future__/environments/{environment_key}/features/{feature_id}/segment-overrides/{segment_id}/",
    tag = "flag-writes", responses((status = 200, body = FlagBody)))]
pub async fn delete(
    HiddenEnvironment(on): HiddenEnvironment<WriteFlags>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathId(segment): PathId<SegmentId>,
) -> Result<Reply<FlagBody>, ApiError> {
    Ok(Reply(
        whole::delete_override(&app, &on, feature, segment).await?.into(),
    ))
}
