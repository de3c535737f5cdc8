//! Makes a segment.

use super::{check_feature, note_created, rules};
use crate::App;
use crate::access::OnProject;
use crate::access::need::ManageSegments;
use crate::error::Result;
use liftgate_model::segment::{Rule, Segment};
use liftgate_model::{FeatureId, SegmentId};
use liftgate_store::segments;

/// A segment as it is asked for.
#[derive(Debug, Clone)]
pub struct NewSegment {
    /// Name, at most 2,000 characters.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// The one feature it may be used for.
    pub feature: Option<FeatureId>,
    /// The rules; not empty. Ids in it count for nothing.
    pub rules: Vec<Rule>,
}

/// Creates a segment.
///
/// # Errors
/// `Invalid` when the rules are too deep or too many, or the feature is not of the project.
pub async fn create(app: &App, on: &OnProject<ManageSegments>, input: NewSegment) -> Result<Segment> {
    let mut work = app.begin(&on.actor).await?;
    check_feature(&work.tx, &on.project, input.feature).await?;
    rules::check(&input.rules)?;
    let mut tree = input.rules;
    rules::give_ids(&work.tx, &[], &mut tree).await?;
    let segment = Segment {
        id: SegmentId(0),
        uuid: work.uuid(),
        project: on.project.id,
        name: input.name,
        description: input.description,
        feature: input.feature,
        is_system: false,
        rules: tree,
        created_at: work.now,
        updated_at: work.now,
    };
    let segment = segments::create(&work.tx, &segment).await?;
    note_created(&mut work, &segment).await?;
    work.commit().await?;
    Ok(segment)
}
