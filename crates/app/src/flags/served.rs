//! Where the overrides of a segment are in force.

use crate::error::Result;
use liftgate_model::environment::Environment;
use liftgate_model::feature_state::FeatureState;
use liftgate_model::{SegmentId, Timestamp};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{Conn, feature_states};

/// The overrides of a segment that some environments serve, by environment and state.
pub(crate) async fn served_overrides(
    conn: &impl Conn,
    environments: &[Environment],
    segment: SegmentId,
    now: Timestamp,
) -> Result<Vec<FeatureState>> {
    let mut served = Vec::new();
    for environment in environments {
        let filter = StateFilter {
            segments: Some(&[segment]),
            ..StateFilter::live(environment, now)
        };
        served.extend(feature_states::list(conn, &filter).await?);
    }
    Ok(served)
}
