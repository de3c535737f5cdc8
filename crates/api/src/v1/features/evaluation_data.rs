//! How often a feature was evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ViewProject;
use liftgate_app::features::{self, Within};
use liftgate_model::FeatureId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::{PathId, Query};
use crate::form::{Form, Parse};
use crate::reply::Reply;

/// The evaluations of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeatureEvaluations {
    /// `YYYY-MM-DD`.
    pub day: String,
    /// How many.
    pub count: i64,
    /// By what.
    pub labels: Option<BTreeMap<String, String>>,
}

/// What the query says.
struct EvaluationQuery;

impl Parse for EvaluationQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let environment = form.integer("environment_id").required();
        let period = form.integer("period").or(30);
        environment?;
        period?;
        Some(Self)
    }
}

/// How often a feature was evaluated, by day. Evaluations are counted for the server as a whole only, so the list is
/// empty.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/features/{feature_id}/evaluation-data/", tag = "features",
    params(("environment_id" = i32, Query), ("period" = Option<i32>, Query, description = "Days.")),
    responses((status = 200, body = Vec<FeatureEvaluations>)))]
pub async fn evaluation_data(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    query: Query,
) -> Result<Reply<Vec<FeatureEvaluations>>, ApiError> {
    features::find(&app, &on, id, Within::default()).await?;
    query.parse::<EvaluationQuery>()?;
    Ok(Reply(Vec::new()))
}
