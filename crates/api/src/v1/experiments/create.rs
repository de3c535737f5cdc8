//! Sets up an experiment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::Admin;
use liftgate_app::experiments::{self, NewExperiment};
use liftgate_model::FeatureId;

use super::wire::{CompactBody, NewExperimentBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;

/// Sets up an experiment. A rollout given here is served at once, before the experiment is started.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/", tag = "experiments",
    params(("environment_key" = String, Path)), request_body = NewExperimentBody,
    responses((status = 201, body = CompactBody), (status = 409, description = "The feature has an unfinished experiment")))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<CompactBody>, ApiError> {
    let new: NewExperimentBody = body.parse(Mode::Create)?;
    let input = NewExperiment {
        feature: FeatureId(new.feature),
        name: new.name,
        hypothesis: new.hypothesis,
        metrics: new
            .metrics
            .into_iter()
            .map(|item| (item.metric, item.expected_direction))
            .collect(),
        rollout: new.experiment_rollout.map(Into::into),
    };
    Ok(Created::new(experiments::create(&app, &on, input).await?.into()))
}
