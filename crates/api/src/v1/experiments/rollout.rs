//! Sets or changes whom an experiment serves what.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::Admin;
use liftgate_app::experiments;
use liftgate_model::ExperimentId;

use super::wire::{ExperimentBody, NewRollout};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;

/// Sets or changes the rollout. The body is complete, though the verb is PATCH: only shares of options that are not
/// named stay (contract, admin API, section 7.6).
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/rollout/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    request_body = NewRollout, responses((status = 200, body = ExperimentBody)))]
pub async fn rollout(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    body: Body,
) -> Result<Reply<ExperimentBody>, ApiError> {
    let new: NewRollout = body.parse(Mode::Put)?;
    Ok(Reply(
        experiments::change_rollout(&app, &on, id, new.into())
            .await?
            .into(),
    ))
}
