//! One experiment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::experiments;
use liftgate_model::ExperimentId;

use super::wire::ExperimentBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;

/// One experiment with its feature, its metrics and its rollout.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/", tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = ExperimentBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<ExperimentBody>, ApiError> {
    Ok(Reply(experiments::find(&app, &on, id).await?.into()))
}
