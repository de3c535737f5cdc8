//! How often a feature was evaluated.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewProject;
use liftgate_app::{App, usage};
use liftgate_model::usage::{EvaluationCount, LabelsFilter};
use liftgate_model::{EnvironmentId, FeatureId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::{PathId, Query};
use crate::form::{Form, Parse};
use crate::reply::Reply;
use crate::v1::usage::wire::{UsageLabels, labels_filter};

/// The evaluations of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeatureEvaluations {
    /// `YYYY-MM-DD`.
    pub day: String,
    /// How many.
    pub count: i64,
    /// Reported by whom.
    pub labels: UsageLabels,
}

impl From<EvaluationCount> for FeatureEvaluations {
    fn from(counted: EvaluationCount) -> Self {
        Self {
            day: counted.day.to_iso(),
            count: counted.count,
            labels: counted.labels.into(),
        }
    }
}

/// What the query says.
struct EvaluationQuery {
    environment: EnvironmentId,
    days: i32,
    labels: LabelsFilter,
}

impl Parse for EvaluationQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let environment = form.integer("environment_id").required();
        let days = form.integer("period").or(30);
        let labels = labels_filter(form);
        Some(Self {
            environment: EnvironmentId(environment?),
            days: days?,
            labels: labels?,
        })
    }
}

/// How often a feature was evaluated, as SDKs reported it, by day and by who reported it. What was counted in the last
/// seconds is not told yet.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/features/{feature_id}/evaluation-data/", tag = "features",
    params(("environment_id" = i32, Query), ("period" = Option<i32>, Query, description = "Days."),
        ("user_agent" = Option<String>, Query), ("client_application_name" = Option<String>, Query),
        ("client_application_version" = Option<String>, Query)),
    responses((status = 200, body = Vec<FeatureEvaluations>)))]
pub async fn evaluation_data(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    query: Query,
) -> Result<Reply<Vec<FeatureEvaluations>>, ApiError> {
    let EvaluationQuery {
        environment,
        days,
        labels,
    } = query.parse()?;
    let counted = usage::evaluations(&app, &on, id, environment, days.into(), &labels).await?;
    Ok(Reply(counted.into_iter().map(Into::into).collect()))
}
