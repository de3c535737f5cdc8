//! Results beyond their totals: what the last run found day by day and by dimension, and which dimensions these are.
//! Liftgate's own.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::experiments::{self, MAX_DIMENSION_CHARACTERS, MAX_DIMENSIONS};
use liftgate_model::breakdown::BreakdownKind;
use liftgate_model::{ExperimentId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, Patch, rule};
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

/// The results by dimension, or null before the first run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentDimensionResults)]
pub struct DimensionResultsBody {
    dimensions: Option<BreakdownBody>,
}

/// Which dimensions the results of an experiment are broken down by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentDimensions)]
pub struct DimensionsBody {
    /// Members of the metadata of exposures, or traits where the metadata have no such member; at most 5.
    dimensions: Vec<String>,
}

impl From<Vec<String>> for DimensionsBody {
    fn from(dimensions: Vec<String>) -> Self {
        Self { dimensions }
    }
}

/// Which dimensions there shall be.
#[derive(Debug, ToSchema)]
#[schema(as = ExperimentDimensionsChange)]
pub struct DimensionsChange {
    /// Members of the metadata of exposures, or traits where the metadata have no such member; at most 5, each of at most 255
    /// characters, none twice.
    #[schema(value_type = Option<Vec<String>>, example = json!(["country", "platform"]))]
    dimensions: Patch<Vec<String>>,
}

impl Parse for DimensionsChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = rule::Text::default().max(MAX_DIMENSION_CHARACTERS);
        let dimensions = form.list("dimensions", name).max_items(MAX_DIMENSIONS).change();
        Some(Self {
            dimensions: dimensions?,
        })
    }
}

impl DimensionsChange {
    /// The new dimensions; `None` leaves those there are.
    pub fn names(self) -> Option<Vec<String>> {
        self.dimensions.value()
    }
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

/// The results by what the identities were at their first exposure: the effect in each level, whether levels differ, and the
/// split within each. Exploratory: no verdict comes from it.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/results/dimensions/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = DimensionResultsBody)))]
pub async fn by_dimension(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<DimensionResultsBody>, ApiError> {
    Ok(Reply(DimensionResultsBody {
        dimensions: last(&app, &on, id, BreakdownKind::Dimensions).await?,
    }))
}

/// Which dimensions the results of an experiment are broken down by.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/dimensions/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = DimensionsBody)))]
pub async fn dimensions(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<DimensionsBody>, ApiError> {
    Ok(Reply(experiments::dimensions(&app, &on, id).await?.into()))
}

/// Changes which dimensions the results of an experiment are broken down by, from the next run on. They can change while it
/// runs.
#[utoipa::path(patch, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/dimensions/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    request_body = DimensionsChange,
    responses((status = 200, body = DimensionsBody), (status = 409, description = "The results are final")))]
pub async fn change_dimensions(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    body: Body,
) -> Result<Reply<DimensionsBody>, ApiError> {
    let change: DimensionsChange = body.parse(Mode::Patch)?;
    let changed = experiments::change_dimensions(&app, &on, id, change.names()).await?;
    Ok(Reply(changed.into()))
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
