//! Where a segment is used.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ManageSegments;
use liftgate_app::segments::{self, AssociatedFeature};
use liftgate_model::{EnvironmentId, SegmentId};

use super::wire::AssociatedFeatureBody;
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::{Page999, PathId, Query};
use crate::form::{Form, Parse};
use crate::reply::{Paged, Reply};

/// The environment in the query.
struct InEnvironment(Option<i32>);

impl Parse for InEnvironment {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.integer("environment").optional().map(Self)
    }
}

impl From<AssociatedFeature> for AssociatedFeatureBody {
    fn from(found: AssociatedFeature) -> Self {
        Self {
            id: found.state.0,
            feature: found.feature.0,
            environment: found.environment.0,
        }
    }
}

/// The overrides of a segment that are served, in all environments or in one.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/segments/{segment_id}/associated-features/",
    tag = "segments",
    params(("project_id" = i32, Path), ("segment_id" = i32, Path), ("environment" = Option<i32>, Query), Page999),
    responses((status = 200, body = Paged<AssociatedFeatureBody>)))]
pub async fn associated_features(
    GuardedProject(on): GuardedProject<ManageSegments>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SegmentId>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<AssociatedFeatureBody>>, ApiError> {
    let InEnvironment(environment) = query.parse()?;
    let environment = environment.map(EnvironmentId);
    let found = segments::associated_features(&app, &on, id, environment, page.slice()).await?;
    page.reply(found.map(AssociatedFeatureBody::from))
}
