//! Segment overrides: which segments get something of their own, and which wins (contract, admin API, section 4.6).
//!
//! The link of a feature to a segment carries the priority, 0 the strongest; the override's state hangs on it. In
//! versioned environments links belong to versions: a change of what is live publishes a new one.

mod create;
mod read;
mod write;

pub(crate) use create::nested;
pub use create::{NewOverride, create_override};
pub use read::{OverrideLink, find, find_by_uuid, list};
pub use write::{LinkPlace, create, delete, reorder, update};

use crate::error::{Error, Result};
use crate::work::Work;
use liftgate_model::SegmentId;
use liftgate_model::feature::Feature;
use liftgate_model::segment::Segment;
use liftgate_store::segments;

/// A segment for an override of a feature.
///
/// # Errors
/// `Invalid` when the feature's project has no such segment, or it is for another feature.
pub(crate) async fn segment_for(work: &Work<'_>, feature: &Feature, id: SegmentId) -> Result<Segment> {
    let found = segments::find(&work.tx, feature.project, id).await?;
    let segment = found.ok_or_else(|| Error::unknown_pk("segment", id.0))?;
    match segment.feature.filter(|only| *only != feature.id) {
        Some(only) => Err(Error::field(
            "feature",
            format!("Can only create segment override(using this segment) for feature {only}"),
        )),
        None => Ok(segment),
    }
}
