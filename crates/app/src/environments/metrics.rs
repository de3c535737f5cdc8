//! How much is in an environment.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::Result;
use liftgate_model::FeatureId;
use liftgate_model::feature_state::Line;
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::features;
use std::collections::HashSet;

/// Counts of what is in force in an environment; archived features do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EnvironmentMetrics {
    /// Features.
    pub total_features: usize,
    /// Features that are on for everybody.
    pub enabled_features: usize,
    /// Overrides of segments.
    pub segment_overrides: usize,
    /// Overrides of identities.
    pub identity_overrides: usize,
}

/// Counts what is in force in an environment.
pub async fn metrics(app: &App, on: &OnEnvironment<Admin>) -> Result<EnvironmentMetrics> {
    let reader = app.store.reader();
    let features = features::list_all(&reader, on.environment.project).await?;
    let shown: HashSet<FeatureId> = features
        .iter()
        .filter(|feature| !feature.is_archived)
        .map(|feature| feature.id)
        .collect();
    let live = StateFilter::live(&on.environment, app.clock.now());
    let mut states = feature_states::list(&reader, &live).await?;
    states.extend(feature_states::list(&reader, &StateFilter::identities(on.environment.id)).await?);
    let mut metrics = EnvironmentMetrics::default();
    for state in states.iter().filter(|state| shown.contains(&state.feature)) {
        match state.line {
            Line::Default => {
                metrics.total_features += 1;
                metrics.enabled_features += usize::from(state.enabled);
            }
            Line::Segment(_) => metrics.segment_overrides += 1,
            Line::Identity(_) => metrics.identity_overrides += 1,
        }
    }
    Ok(metrics)
}
