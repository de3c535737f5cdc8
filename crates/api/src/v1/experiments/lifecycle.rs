//! Start, pause, complete, ship, delete.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::Admin;
use liftgate_app::experiments;
use liftgate_model::ExperimentId;
use utoipa::ToSchema;

use super::wire::ExperimentBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse};
use crate::reply::{NoContent, Reply};

/// Starts or resumes an experiment, and switches its rollout on.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/start/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = ExperimentBody), (status = 400, description = "The status does not allow it")))]
pub async fn start(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<ExperimentBody>, ApiError> {
    Ok(Reply(experiments::start(&app, &on, id).await?.into()))
}

/// Pauses an experiment. Variants keep being served; SDKs stop recording exposures.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/pause/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = ExperimentBody), (status = 400, description = "The status does not allow it")))]
pub async fn pause(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<ExperimentBody>, ApiError> {
    Ok(Reply(experiments::pause(&app, &on, id).await?.into()))
}

/// Ends an experiment. The cohort keeps its variants until one is shipped or the experiment is deleted.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/complete/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = ExperimentBody), (status = 400, description = "The status does not allow it")))]
pub async fn complete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<ExperimentBody>, ApiError> {
    Ok(Reply(experiments::complete(&app, &on, id).await?.into()))
}

/// Which variant everybody gets.
#[derive(Debug, ToSchema)]
pub struct Winner {
    /// The key of an option, or `control`.
    #[schema(example = "control")]
    variant: String,
}

impl Parse for Winner {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        Some(Self {
            variant: form.text("variant").max(255).required()?,
        })
    }
}

/// Ends an experiment and gives everybody one of its variants: the environment's default serves it, the rollout is
/// removed. Liftgate's own addition (contract, admin API, section 7.11).
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/ship/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    request_body = Winner, responses((status = 200, body = ExperimentBody)))]
pub async fn ship(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    body: Body,
) -> Result<Reply<ExperimentBody>, ApiError> {
    let winner: Winner = body.parse(Mode::Create)?;
    Ok(Reply(
        experiments::ship(&app, &on, id, &winner.variant).await?.into(),
    ))
}

/// Deletes an experiment that is not running, and gives the flag back as it was before the rollout.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 204), (status = 400, description = "It is running")))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<NoContent, ApiError> {
    experiments::delete(&app, &on, id).await?;
    Ok(NoContent)
}
