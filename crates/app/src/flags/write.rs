//! Writes what a flag does in one call, whatever the environment's versioning (contract, admin API, section 4.7:
//! `update-flag-v1`, `update-flag-v2` and `delete-segment-override`).

use super::change::{Change, Shares};
use super::editor::FlagEditor;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::UpdateFeatureState;
use crate::error::{Error, Missing, Result};
use crate::work::Work;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::Line;
use liftgate_model::segment::Segment;
use liftgate_model::{FeatureId, FlagValue, OptionId, SegmentId};
use liftgate_store::{features, options, segments};

/// A feature, by its id or by its exact name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureRef {
    /// By id.
    Id(FeatureId),
    /// By name.
    Name(String),
}

/// What a flag is to do.
#[derive(Debug, Clone)]
pub struct FlagWrite {
    /// For everybody in the environment; without it, that stays.
    pub default: Option<StateWrite>,
    /// For segments, each once; overrides that are not listed stay.
    pub overrides: Vec<OverrideWrite>,
}

/// What a state is to be.
#[derive(Debug, Clone)]
pub struct StateWrite {
    /// On or off.
    pub enabled: bool,
    /// The value.
    pub value: FlagValue,
}

/// What an override is to be.
#[derive(Debug, Clone)]
pub struct OverrideWrite {
    /// A segment of the project.
    pub segment: SegmentId,
    /// The priority; without one it stays, or comes last.
    pub priority: Option<i32>,
    /// On or off, and the value.
    pub state: StateWrite,
    /// Shares of options; those not named stay.
    pub shares: Vec<(OptionId, f64)>,
}

/// Refuses where flags may only change by change request.
///
/// # Errors
/// `Forbidden` in the words of the contract.
pub fn refuse_change_requests(on: &OnEnvironment<UpdateFeatureState>) -> Result<()> {
    if on.environment.minimum_change_request_approvals.is_none() {
        return Ok(());
    }
    Err(Error::Forbidden(Some(
        "This endpoint cannot be used when change requests are enabled. Use the change request workflow instead."
            .into(),
    )))
}

/// Writes a flag. A versioned environment gets one new version, published. `field` is the body's name for the segments.
///
/// # Errors
/// `Invalid` when the project has no such feature or segment, a segment is there twice, or shares are no partition.
pub async fn write(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    feature: &FeatureRef,
    write: FlagWrite,
    field: &'static str,
) -> Result<()> {
    refuse_change_requests(on)?;
    let mut work = app.begin(&on.actor).await?;
    let mut overrides = Vec::new();
    let mut ids: Vec<SegmentId> = write.overrides.iter().map(|wanted| wanted.segment).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::field(field, "Duplicate segment_id values are not allowed"));
    }
    for wanted in write.overrides {
        let segment = find_segment(&work, &on.environment, wanted.segment, field).await?;
        overrides.push((segment, wanted));
    }
    let feature = find_feature(&work, &on.environment, feature).await?;
    check_options(&work, &feature, &overrides).await?;

    let mut editor = FlagEditor::open(&mut work, &on.environment, &feature).await?;
    if let Some(default) = write.default {
        let change = Change {
            enabled: Some(default.enabled),
            value: Some(default.value),
            shares: None,
        };
        editor.change_default(change).await?;
    }
    let mut orders = Vec::new();
    for (segment, wanted) in overrides {
        orders.extend(wanted.priority.map(|priority| (segment.id, priority)));
        put(&mut editor, &segment, wanted).await?;
    }
    editor.reorder(&orders).await?;
    editor.publish(None).await?;
    work.commit().await
}

/// Removes the override of a segment from a flag.
///
/// # Errors
/// `Invalid` when the project has no such feature or segment, `NotFound` when there is no override.
pub async fn delete_override(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    feature: &FeatureRef,
    segment: SegmentId,
) -> Result<()> {
    refuse_change_requests(on)?;
    let mut work = app.begin(&on.actor).await?;
    let segment = find_segment(&work, &on.environment, segment, "segment").await?;
    let feature = find_feature(&work, &on.environment, feature).await?;
    let mut editor = FlagEditor::open(&mut work, &on.environment, &feature).await?;
    if !editor.delete_override(&segment).await? {
        return Err(Error::NotFound(Missing::Text(format!(
            "Segment override for segment {} does not exist",
            segment.id
        ))));
    }
    editor.publish(None).await?;
    work.commit().await
}

/// Makes or changes an override.
async fn put(editor: &mut FlagEditor<'_, '_>, segment: &Segment, wanted: OverrideWrite) -> Result<()> {
    let StateWrite { enabled, value } = wanted.state;
    let line = Line::Segment(segment.id);
    if editor.find(line).is_some() {
        let change = Change {
            enabled: Some(enabled),
            value: Some(value),
            shares: Some(Shares::Merge(wanted.shares)),
        };
        return editor.change_override(segment, change).await;
    }
    let links = editor.links().await?;
    if let Some(empty) = links.iter().find(|link| link.segment == segment.id) {
        return editor
            .fill_link(empty, segment, enabled, value, wanted.shares)
            .await;
    }
    let made = editor.create_override(segment, None, enabled, value, wanted.shares);
    made.await.map(|_| ())
}

/// Refuses options that are there twice or of other features, in the shape of the body's own complaints.
async fn check_options(
    work: &Work<'_>,
    feature: &Feature,
    overrides: &[(Segment, OverrideWrite)],
) -> Result<()> {
    if overrides.iter().all(|(_, wanted)| wanted.shares.is_empty()) {
        return Ok(());
    }
    let known = options::list(&work.tx, feature.id).await?;
    for (_, wanted) in overrides {
        let mut named: Vec<i32> = wanted.shares.iter().map(|(option, _)| option.0).collect();
        named.sort_unstable();
        if named.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::non_field("Multivariate options must be unique"));
        }
        named.retain(|id| !known.iter().any(|option| option.id.0 == *id));
        if !named.is_empty() {
            return Err(Error::non_field(format!(
                "Multivariate options {named:?} do not belong to the feature"
            )));
        }
    }
    Ok(())
}

async fn find_segment(
    work: &Work<'_>,
    environment: &Environment,
    id: SegmentId,
    field: &str,
) -> Result<Segment> {
    let found = segments::find(&work.tx, environment.project, id).await?;
    found.ok_or_else(|| Error::field(field, format!("Segment with id {id} not found in project")))
}

async fn find_feature(work: &Work<'_>, environment: &Environment, wanted: &FeatureRef) -> Result<Feature> {
    let (found, shown) = match wanted {
        FeatureRef::Id(id) => {
            let found = features::find(&work.tx, environment.project, *id).await?;
            (found, format!("{{'id': {id}}}"))
        }
        FeatureRef::Name(name) => {
            let found = features::find_by_name(&work.tx, environment.project, name).await?;
            let exact = found.filter(|feature| feature.name == *name);
            (exact, format!("{{'name': '{name}'}}"))
        }
    };
    found.ok_or_else(|| Error::list(format!("Feature '{shown}' not found in project")))
}
