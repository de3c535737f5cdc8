//! How many features are at which stage.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::features::LifecycleStage;
use liftgate_app::{App, features};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::EnvironmentById;
use crate::error::ApiError;
use crate::reply::Reply;

/// Features by stage.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct LifecycleCounts {
    new: usize,
    live: usize,
    stale: usize,
    permanent: usize,
    needs_monitoring: usize,
    to_remove: usize,
}

impl LifecycleCounts {
    fn put(&mut self, stage: LifecycleStage, count: usize) {
        let place = match stage {
            LifecycleStage::New => &mut self.new,
            LifecycleStage::Live => &mut self.live,
            LifecycleStage::Stale => &mut self.stale,
            LifecycleStage::Permanent => &mut self.permanent,
            LifecycleStage::NeedsMonitoring => &mut self.needs_monitoring,
            LifecycleStage::ToRemove => &mut self.to_remove,
        };
        *place = count;
    }
}

/// How many features of the project are at each stage in the environment, which goes by its id here.
#[utoipa::path(get, path = "/api/v1/environments/{environment_id}/feature-lifecycle-counts/", tag = "features",
    responses((status = 200, body = LifecycleCounts)))]
pub async fn lifecycle_counts(
    EnvironmentById(on): EnvironmentById<ViewEnvironment>,
    State(app): State<Arc<App>>,
) -> Result<Reply<LifecycleCounts>, ApiError> {
    let mut counts = LifecycleCounts::default();
    for (stage, count) in features::count_stages(&app, &on).await? {
        counts.put(stage, count);
    }
    Ok(Reply(counts))
}
