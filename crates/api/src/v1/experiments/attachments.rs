//! The metrics of one experiment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::experiments;
use liftgate_model::metric::ExpectedDirection;
use liftgate_model::{ExperimentId, ExperimentMetricId, MetricId};
use utoipa::ToSchema;

use super::wire::{AttachedMetricBody, NewAttachment};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::{Created, NoContent, Reply};

/// The metrics of an experiment; the first is the primary one.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/metrics/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = Vec<AttachedMetricBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(experiment): PathId<ExperimentId>,
) -> Result<Reply<Vec<AttachedMetricBody>>, ApiError> {
    let all = experiments::attachments(&app, &on, experiment).await?;
    Ok(Reply(all.into_iter().map(Into::into).collect()))
}

/// One of them.
#[utoipa::path(get,
    path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/metrics/{experiment_metric_id}/",
    tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path), ("experiment_metric_id" = i32, Path)),
    responses((status = 200, body = AttachedMetricBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(experiment): PathId<ExperimentId>,
    PathId(id): PathId<ExperimentMetricId>,
) -> Result<Reply<AttachedMetricBody>, ApiError> {
    Ok(Reply(
        experiments::attachment(&app, &on, experiment, id).await?.into(),
    ))
}

/// Attaches a metric.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/metrics/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    request_body = NewAttachment, responses((status = 201, body = AttachedMetricBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(experiment): PathId<ExperimentId>,
    body: Body,
) -> Result<Created<AttachedMetricBody>, ApiError> {
    let new: NewAttachment = body.parse(Mode::Create)?;
    let attached = experiments::attach(&app, &on, experiment, new.metric, new.expected_direction).await?;
    Ok(Created::new(attached.into()))
}

/// What may change about an attachment.
#[derive(Debug, ToSchema)]
pub struct AttachmentChange {
    /// The id of the metric.
    #[schema(value_type = Option<i32>)]
    metric: Patch<MetricId>,
    /// `increase`, `decrease`, `not_increase` or `not_decrease`.
    #[schema(value_type = Option<String>)]
    expected_direction: Patch<ExpectedDirection>,
}

impl Parse for AttachmentChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let metric = form.id("metric").change_required();
        let expected = form
            .choice("expected_direction", ExpectedDirection::parse)
            .change_required();
        Some(Self {
            metric: metric?,
            expected_direction: expected?,
        })
    }
}

/// Changes which metric is attached and what is expected of it.
#[utoipa::path(put,
    path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/metrics/{experiment_metric_id}/",
    tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path), ("experiment_metric_id" = i32, Path)),
    request_body = AttachmentChange, responses((status = 200, body = AttachedMetricBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(experiment): PathId<ExperimentId>,
    PathId(id): PathId<ExperimentMetricId>,
    body: Body,
) -> Result<Reply<AttachedMetricBody>, ApiError> {
    change(&app, &on, experiment, id, body.parse(Mode::Put)?).await
}

/// Changes which metric is attached, or what is expected of it.
#[utoipa::path(patch,
    path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/metrics/{experiment_metric_id}/",
    tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path), ("experiment_metric_id" = i32, Path)),
    request_body = AttachmentChange, responses((status = 200, body = AttachedMetricBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(experiment): PathId<ExperimentId>,
    PathId(id): PathId<ExperimentMetricId>,
    body: Body,
) -> Result<Reply<AttachedMetricBody>, ApiError> {
    change(&app, &on, experiment, id, body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<Admin>,
    experiment: ExperimentId,
    id: ExperimentMetricId,
    change: AttachmentChange,
) -> Result<Reply<AttachedMetricBody>, ApiError> {
    let (metric, expected) = (change.metric.value(), change.expected_direction.value());
    Ok(Reply(
        experiments::change_attachment(app, on, experiment, id, metric, expected)
            .await?
            .into(),
    ))
}

/// Detaches a metric.
#[utoipa::path(delete,
    path = "/api/v1/environments/{environment_key}/experiments/{experiment_id}/metrics/{experiment_metric_id}/",
    tag = "experiments",
    params(("environment_key" = String, Path), ("experiment_id" = i32, Path), ("experiment_metric_id" = i32, Path)),
    responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(experiment): PathId<ExperimentId>,
    PathId(id): PathId<ExperimentMetricId>,
) -> Result<NoContent, ApiError> {
    experiments::detach(&app, &on, experiment, id).await?;
    Ok(NoContent)
}
