//! Removes a segment.

use super::{entry, visible};
use crate::App;
use crate::access::OnProject;
use crate::access::need::ManageSegments;
use crate::error::Result;
use crate::flags::lock;
use liftgate_model::SegmentId;
use liftgate_model::audit::ChangeType;
use liftgate_store::{feature_segments, feature_states, segments};

/// Deletes a segment with every override that uses it, in every environment and version.
///
/// # Errors
/// `NotFound` when the project has no such segment; `Conflict` while an experiment runs on a flag that it overrides, where
/// that locks the flag.
pub async fn delete(app: &App, on: &OnProject<ManageSegments>, id: SegmentId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let segment = visible(&work.tx, &on.project, id).await?;
    lock::guard_segment(&mut work, on.project.id, id).await?;
    feature_states::delete_of_segment(&work.tx, id, work.now).await?;
    feature_segments::delete_of_segment(&work.tx, id).await?;
    segments::delete(&work.tx, id, work.now).await?;
    let log = format!("Segment deleted: {}", segment.name);
    work.audit(entry(&segment, log, ChangeType::Delete)).await?;
    work.commit().await
}
