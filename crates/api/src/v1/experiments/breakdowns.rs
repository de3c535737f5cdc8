//! Results beyond their totals: what the last run found day by day. Liftgate's own.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::experiments;
use liftgate_model::breakdown::BreakdownKind;
use liftgate_model::{ExperimentId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;

/// What the last run of the results found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentBreakdown)]
pub struct BreakdownBody {
    /// When the run began; what it saw is up to here.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Whether it stays as it is, because the experiment had ended.
    is_final: bool,
    /// What was found; docs/breakdowns.md describes it.
    #[schema(value_type = Object)]
    payload: Value,
}

/// The results day by day, or null before the first run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentSeries)]
pub struct SeriesBody {
    series: Option<BreakdownBody>,
}

/// The results day by day: the effect as of the end of each day with the interval that may be read at any time, the effect of
/// each day by itself, and whether the days drift.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/results/series/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = SeriesBody)))]
pub async fn series(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<SeriesBody>, ApiError> {
    Ok(Reply(SeriesBody {
        series: last(&app, &on, id, BreakdownKind::Series).await?,
    }))
}

async fn last(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    id: ExperimentId,
    kind: BreakdownKind,
) -> Result<Option<BreakdownBody>, ApiError> {
    let found = experiments::breakdown(app, on, id, kind).await?;
    Ok(found.map(|(breakdown, is_final)| BreakdownBody {
        as_of: breakdown.as_of,
        is_final,
        payload: breakdown.payload,
    }))
}
