//! Deletes a feature.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::DeleteFeature;
use liftgate_app::{App, features};
use liftgate_model::FeatureId;

use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::NoContent;

/// Deletes a feature with its states, overrides and experiments, in every environment.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/features/{feature_id}/", tag = "features",
    responses((status = 204)))]
pub async fn delete(
    VisibleProject(on): VisibleProject<DeleteFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
) -> Result<NoContent, ApiError> {
    features::delete(&app, &on, id).await?;
    Ok(NoContent)
}
