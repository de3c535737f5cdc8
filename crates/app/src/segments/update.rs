//! Changes a segment.

use super::{check_feature, entry, rules, visible};
use crate::App;
use crate::access::OnProject;
use crate::access::need::ManageSegments;
use crate::error::{Error, Result};
use liftgate_model::audit::ChangeType;
use liftgate_model::segment::{Rule, Segment};
use liftgate_model::{FeatureId, SegmentId};
use liftgate_store::segments;
use serde_json::Value;

/// What to change about a segment. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct SegmentChange {
    /// Name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<Option<String>>,
    /// The one feature it may be used for.
    pub feature: Option<Option<FeatureId>>,
    /// The whole rule tree. A node with the id of a stored one is that node, changed; what is not there is removed.
    pub rules: Option<Vec<Rule>>,
}

/// Changes a segment; what it was before is kept as a revision. A change of nothing does nothing.
///
/// # Errors
/// As [`create`](super::create()), and `NotFound`.
pub async fn update(
    app: &App,
    on: &OnProject<ManageSegments>,
    id: SegmentId,
    change: SegmentChange,
) -> Result<Segment> {
    let mut work = app.begin(&on.actor).await?;
    let before = visible(&work.tx, &on.project, id).await?;
    let mut after = before.clone();
    if let Some(mut tree) = change.rules {
        rules::check(&tree)?;
        rules::give_ids(&work.tx, &before.rules, &mut tree).await?;
        after.rules = tree;
    }
    if let Some(feature) = change.feature {
        check_feature(&work.tx, &on.project, feature).await?;
        after.feature = feature;
    }
    after.name = change.name.unwrap_or(after.name);
    after.description = change.description.unwrap_or(after.description);
    let entry = entry(
        &after,
        format!("Segment updated: {}", after.name),
        ChangeType::Update,
    )
    .with("name", before.name.clone(), after.name.clone())
    .with(
        "description",
        before.description.clone(),
        after.description.clone(),
    )
    .with(
        "feature",
        before.feature.map(|id| id.0),
        after.feature.map(|id| id.0),
    )
    .with("rules", json(&before.rules)?, json(&after.rules)?);
    if entry.details.is_empty() {
        return Ok(before);
    }
    after.updated_at = work.now;
    segments::update(&work.tx, &before, &after).await?;
    work.audit(entry).await?;
    work.commit().await?;
    Ok(after)
}

fn json(rules: &[Rule]) -> Result<Value> {
    serde_json::to_value(rules).map_err(Error::internal)
}
