//! How often SDKs evaluated each feature, as they report it (contract, sdk-api section 8). Reports are added up in memory
//! and stored by a job.

mod by_name;
mod in_detail;
mod wire;

use liftgate_model::FeatureId;

use super::{EnvironmentKey, SdkState, usage};
use crate::operations;
use crate::router::Routes;

/// Most evaluations of one feature that a report can tell of.
const EVALUATIONS: i64 = i32::MAX as i64;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(by_name::report, in_detail::report)
}

/// Counts evaluations by the names of features; those that the environment does not have are left out.
fn count<'a>(
    key: &EnvironmentKey,
    state: &SdkState,
    headers: &axum::http::HeaderMap,
    evaluations: impl Iterator<Item = (&'a str, i64)>,
) {
    let known = evaluations.filter_map(|(name, count)| Some((key.snapshot.feature_id(name)?, count)));
    let known: Vec<(FeatureId, i64)> = known.collect();
    if !known.is_empty() {
        state.delivery.usage().add_evaluations(
            key.snapshot.environment_id(),
            known,
            usage::labels(headers),
            state.clock.now(),
        );
    }
}
