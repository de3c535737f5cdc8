//! Copies a segment.

use super::{note_created, rules, visible};
use crate::App;
use crate::access::OnProject;
use crate::access::need::ManageSegments;
use crate::error::Result;
use liftgate_model::SegmentId;
use liftgate_model::segment::Segment;
use liftgate_store::segments;

/// Makes a segment with the rules of another under a new name. It is used nowhere, and its percentage splits draw
/// other identities, because their salt is the segment's id.
pub async fn clone(
    app: &App,
    on: &OnProject<ManageSegments>,
    id: SegmentId,
    name: String,
) -> Result<Segment> {
    let mut work = app.begin(&on.actor).await?;
    let source = visible(&work.tx, &on.project, id).await?;
    let mut tree = rules::without_ids(&source.rules);
    rules::give_ids(&work.tx, &[], &mut tree).await?;
    let copy = Segment {
        uuid: work.uuid(),
        name,
        rules: tree,
        created_at: work.now,
        updated_at: work.now,
        ..source
    };
    let copy = segments::create(&work.tx, &copy).await?;
    note_created(&mut work, &copy).await?;
    work.commit().await?;
    Ok(copy)
}
