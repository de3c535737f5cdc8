//! Renames an experiment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::Admin;
use liftgate_app::experiments;
use liftgate_model::{ExperimentId, FeatureId};
use utoipa::ToSchema;

use super::wire::CompactBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::Reply;

/// What may change about an experiment in any status.
#[derive(Debug, ToSchema)]
pub struct ExperimentChange {
    /// The feature there is; another one is refused.
    #[schema(value_type = Option<i32>)]
    feature: Patch<FeatureId>,
    /// Name.
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Patch<String>,
    /// What is believed.
    #[schema(value_type = Option<String>)]
    hypothesis: Patch<String>,
}

impl Parse for ExperimentChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let fixed = [
            ("metrics", "Cannot change the metrics of an existing experiment."),
            (
                "experiment_rollout",
                "Cannot change the rollout via this endpoint; use the rollout endpoint instead.",
            ),
        ];
        for (field, message) in fixed {
            if form.has(field) {
                form.refuse(field, message);
            }
        }
        let feature = form.id("feature").change();
        let name = form.text("name").max(255).change_required();
        let hypothesis = form.text("hypothesis").change_required();
        Some(Self {
            feature: feature?,
            name: name?,
            hypothesis: hypothesis?,
        })
    }
}

/// Changes name and hypothesis. The feature may be left out (contract, admin API, section 7.4).
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/", tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path)), request_body = ExperimentChange,
    responses((status = 200, body = CompactBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    body: Body,
) -> Result<Reply<CompactBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Put).await
}

/// Changes name, hypothesis, or both.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/", tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path)), request_body = ExperimentChange,
    responses((status = 200, body = CompactBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    body: Body,
) -> Result<Reply<CompactBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Patch).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    body: &Body,
    mode: Mode,
) -> Result<Reply<CompactBody>, ApiError> {
    let change: ExperimentChange = body.parse(mode)?;
    let (feature, name) = (change.feature.value(), change.name.value());
    let changed = experiments::update(app, on, id, feature, name, change.hypothesis.value()).await?;
    Ok(Reply(changed.into()))
}
