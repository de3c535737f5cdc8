//! One feature.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewProject;
use liftgate_app::{App, features};
use liftgate_model::FeatureId;

use super::wire::{FeatureBody, WithinQuery};
use crate::access::VisibleProject;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{PathId, PathUuid, Query};
use crate::reply::Reply;

/// One feature; `environment` and `segment` fill what is known only there.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/features/{feature_id}/", tag = "features",
    params(("environment" = Option<i32>, Query), ("segment" = Option<i32>, Query)),
    responses((status = 200, body = FeatureBody)))]
pub async fn read(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    query: Query,
) -> Result<Reply<FeatureBody>, ApiError> {
    let within: WithinQuery = query.parse()?;
    Ok(Reply(features::find(&app, &on, id, within.0).await?.into()))
}

/// One feature by its public id, in any project the caller sees.
#[utoipa::path(get, path = "/api/v1/features/get-by-uuid/{uuid}/", tag = "features",
    responses((status = 200, body = FeatureBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<FeatureBody>, ApiError> {
    Ok(Reply(features::find_by_uuid(&app, &actor, uuid).await?.into()))
}
