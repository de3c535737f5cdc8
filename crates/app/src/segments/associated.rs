//! Where a segment is used.

use super::visible;
use crate::App;
use crate::access::OnProject;
use crate::access::need::ManageSegments;
use crate::error::{Error, Result};
use crate::flags::served_overrides;
use liftgate_model::{EnvironmentId, FeatureId, FeatureStateId, Page, SegmentId, Slice};
use liftgate_store::environments;

/// One override of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociatedFeature {
    /// The feature state of the override.
    pub state: FeatureStateId,
    /// The feature it overrides.
    pub feature: FeatureId,
    /// Where it does.
    pub environment: EnvironmentId,
}

/// The overrides of a segment that are served, by environment and state; in one environment if it is given.
///
/// # Errors
/// `NotFound` when the segment or the environment is not of the project.
pub async fn associated_features(
    app: &App,
    on: &OnProject<ManageSegments>,
    id: SegmentId,
    environment: Option<EnvironmentId>,
    slice: Slice,
) -> Result<Page<AssociatedFeature>> {
    let reader = app.store.reader();
    let segment = visible(&reader, &on.project, id).await?;
    let mut all = environments::list(&reader, on.project.id).await?;
    if let Some(only) = environment {
        all.retain(|environment| environment.id == only);
        if all.is_empty() {
            return Err(Error::missing("Environment"));
        }
    }
    let served = served_overrides(&reader, &all, segment.id, app.clock.now()).await?;
    let found = served.into_iter().map(|state| AssociatedFeature {
        state: state.id,
        feature: state.feature,
        environment: state.environment,
    });
    Ok(Page::cut(found.collect(), slice))
}
