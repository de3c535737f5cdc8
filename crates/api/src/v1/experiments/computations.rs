//! Exposures and results: what was last computed, every run, and asking for another.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::experiments;
use liftgate_model::experiment::ComputationKind;
use liftgate_model::{ExperimentId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Page999, PathId};
use crate::reply::{Accepted, Paged, Reply};

/// What was last computed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentComputation)]
pub struct ComputationBody {
    /// When the run behind the payload began.
    #[schema(value_type = Option<String>, format = DateTime)]
    as_of: Option<Timestamp>,
    /// When the last run failed, unless one succeeded since.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_error_at: Option<Timestamp>,
    /// When a run was last asked for.
    #[schema(value_type = Option<String>, format = DateTime)]
    refresh_requested_at: Option<Timestamp>,
    /// What was found.
    #[schema(value_type = Option<Object>)]
    payload: Option<Value>,
    /// Whether it stays as it is, because the experiment had ended.
    is_final: bool,
}

/// The exposures, or null before the first run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExposuresBody {
    exposures: Option<ComputationBody>,
}

/// The results, or null before the first run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultsBody {
    results: Option<ComputationBody>,
}

/// One run of a computation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentComputationRun)]
pub struct RunBody {
    /// When it began; what it saw is up to here.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    finished_at: Timestamp,
    /// Whether it succeeded.
    succeeded: bool,
    /// What was found, if it succeeded.
    #[schema(value_type = Option<Object>)]
    payload: Option<Value>,
}

/// Who entered the experiment, when, into which variant.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/exposures/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = ExposuresBody)))]
pub async fn exposures(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<ExposuresBody>, ApiError> {
    Ok(Reply(ExposuresBody {
        exposures: last(&app, &on, id, ComputationKind::Exposures).await?,
    }))
}

/// What the metrics say, by variant.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/results/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = ResultsBody)))]
pub async fn results(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<ResultsBody>, ApiError> {
    Ok(Reply(ResultsBody {
        results: last(&app, &on, id, ComputationKind::Results).await?,
    }))
}

/// Asks for another run of the exposures; at most one in five minutes.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/exposures/refresh/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 202), (status = 400), (status = 429)))]
pub async fn refresh_exposures(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Accepted, ApiError> {
    experiments::refresh(&app, &on, id, ComputationKind::Exposures).await?;
    Ok(Accepted(()))
}

/// Asks for another run of the results; at most one in five minutes.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/results/refresh/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 202), (status = 400), (status = 429)))]
pub async fn refresh_results(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Accepted, ApiError> {
    experiments::refresh(&app, &on, id, ComputationKind::Results).await?;
    Ok(Accepted(()))
}

/// Every run of the exposures, newest first. Liftgate's own.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/exposures/runs/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path), Page999),
    responses((status = 200, body = Paged<RunBody>)))]
pub async fn exposures_runs(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    page: Page999,
) -> Result<Reply<Paged<RunBody>>, ApiError> {
    runs(&app, &on, id, ComputationKind::Exposures, &page).await
}

/// Every run of the results, newest first. Liftgate's own.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/results/runs/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path), Page999),
    responses((status = 200, body = Paged<RunBody>)))]
pub async fn results_runs(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    page: Page999,
) -> Result<Reply<Paged<RunBody>>, ApiError> {
    runs(&app, &on, id, ComputationKind::Results, &page).await
}

async fn last(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    id: ExperimentId,
    kind: ComputationKind,
) -> Result<Option<ComputationBody>, ApiError> {
    let found = experiments::computation(app, on, id, kind).await?;
    Ok(found.map(|(computation, is_final)| ComputationBody {
        as_of: computation.as_of,
        last_error_at: computation.last_error_at,
        refresh_requested_at: computation.refresh_requested_at,
        payload: computation.payload,
        is_final,
    }))
}

async fn runs(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    id: ExperimentId,
    kind: ComputationKind,
    page: &Page999,
) -> Result<Reply<Paged<RunBody>>, ApiError> {
    let found = experiments::runs(app, on, id, kind, page.slice()).await?;
    page.reply(found.map(|run| RunBody {
        started_at: run.started_at,
        finished_at: run.finished_at,
        succeeded: run.error.is_none(),
        payload: run.payload,
    }))
}
