//! The states of a version.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{UpdateFeatureState, ViewEnvironment};
use liftgate_app::{App, versions};
use liftgate_model::{FeatureId, FeatureStateId};
use uuid::Uuid;

use super::wire::StateInput;
use crate::access::EnvironmentById;
use crate::error::ApiError;
use crate::extract::{Body, PathId, PathUuid};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};
use crate::v1::feature_states::wire::OverrideBody;

/// The states of a version, by id.
#[utoipa::path(get,
    path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/featurestates/",
    tag = "feature-versions", responses((status = 200, body = Vec<OverrideBody>)))]
pub async fn list(
    EnvironmentById(on): EnvironmentById<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<Vec<OverrideBody>>, ApiError> {
    let states = versions::states(&app, &on, feature, uuid).await?;
    Ok(Reply(states.into_iter().map(Into::into).collect()))
}

/// Makes a segment override in an unpublished version.
#[utoipa::path(post,
    path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/featurestates/",
    tag = "feature-versions", request_body = StateInput, responses((status = 201, body = OverrideBody)))]
pub async fn create(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
    body: Body,
) -> Result<Created<OverrideBody>, ApiError> {
    let input: StateInput = body.parse(Mode::Create)?;
    let made = versions::create_state(&app, &on, feature, uuid, input.into()).await?;
    Ok(Created::new(made.into()))
}

/// Changes a state of an unpublished version.
#[utoipa::path(put,
    path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/featurestates/{feature_state_id}/",
    tag = "feature-versions", request_body = StateInput, responses((status = 200, body = OverrideBody)))]
pub async fn put(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
    PathId(state): PathId<FeatureStateId>,
    body: Body,
) -> Result<Reply<OverrideBody>, ApiError> {
    change(&app, &on, (feature, uuid, state), body.parse(Mode::Put)?).await
}

/// Changes some things about a state of an unpublished version.
#[utoipa::path(patch,
    path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/featurestates/{feature_state_id}/",
    tag = "feature-versions", request_body = StateInput, responses((status = 200, body = OverrideBody)))]
pub async fn patch(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
    PathId(state): PathId<FeatureStateId>,
    body: Body,
) -> Result<Reply<OverrideBody>, ApiError> {
    change(&app, &on, (feature, uuid, state), body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    (feature, version, state): (FeatureId, Uuid, FeatureStateId),
    input: StateInput,
) -> Result<Reply<OverrideBody>, ApiError> {
    let changed = versions::update_state(app, on, feature, version, state, input.into()).await?;
    Ok(Reply(changed.into()))
}

/// Removes a segment override from an unpublished version.
#[utoipa::path(delete,
    path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/featurestates/{feature_state_id}/",
    tag = "feature-versions", responses((status = 204)))]
pub async fn delete(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
    PathId(state): PathId<FeatureStateId>,
) -> Result<NoContent, ApiError> {
    versions::delete_state(&app, &on, feature, uuid, state).await?;
    Ok(NoContent)
}
