//! Makes a version: what is live, with changes.

use super::feature;
use super::read::VersionView;
use super::states::{conflict, put};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::UpdateFeatureState;
use crate::error::{Error, Invalid, Result};
use crate::flags::{FlagEditor, ValueEdit};
use crate::overrides::segment_for;
use crate::work::Work;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureVersion, Line};
use liftgate_model::segment::Segment;
use liftgate_model::{FeatureId, FlagValue, OptionId, SegmentId, Timestamp};
use liftgate_store::{feature_versions, features, segments};
use serde_json::{Value, json};

/// A version as it is asked for.
#[derive(Debug, Clone, Default)]
pub struct NewVersion {
    /// What it is for.
    pub description: Option<String>,
    /// From when it is to be in force, once published.
    pub live_from: Option<Timestamp>,
    /// Segment overrides to make.
    pub create: Vec<StateItem>,
    /// States to change.
    pub update: Vec<StateItem>,
    /// Segments whose overrides are removed; those without one are left out.
    pub delete: Vec<SegmentId>,
    /// Whether it is published at once.
    pub publish: bool,
}

/// A state of a version as it is asked for. What is `None` stays, or starts as usual.
#[derive(Debug, Clone)]
pub struct StateItem {
    /// The segment of an override with its priority; without one it is the default.
    pub segment: Option<(SegmentId, Option<i32>)>,
    /// On or off; new ones start off.
    pub enabled: Option<bool>,
    /// The value; new ones start from the feature's initial value.
    pub value: ValueEdit,
    /// All shares of the options.
    pub shares: Option<Vec<(OptionId, f64)>>,
}

/// The body's names of its lists of states.
const CREATE: &str = "feature_states_to_create";
const UPDATE: &str = "feature_states_to_update";

/// Makes a version, and publishes it if that is asked for.
///
/// # Errors
/// `NotFound` when the project has no such feature, or the caller does not see the project; `Invalid` when the environment
/// is not versioned or the changes cannot be; `Conflict` when there is an unpublished version and this would be another.
pub async fn create(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureId,
    new: NewVersion,
) -> Result<VersionView> {
    let mut work = app.begin(&on.actor).await?;
    let feature = feature(&work.tx, on, id).await?;
    if !on.environment.use_v2_feature_versioning {
        return Err(Error::Invalid(Invalid::Body(
            json!({"environment": "Environment must use v2 feature versioning."}),
        )));
    }
    features::lock(&work.tx, feature.id).await?;
    let there = feature_versions::find_draft(&work.tx, on.environment.id, feature.id).await?;
    if there.is_some() && !new.publish {
        return Err(Error::conflict(
            "An unpublished version of this feature exists already in this environment.",
        ));
    }
    let create = located(&work, &feature, CREATE, new.create).await?;
    let update = located(&work, &feature, UPDATE, new.update).await?;
    let doomed = segments::list_by_ids(&work.tx, &new.delete).await?;

    let description = new.description;
    let mut editor = FlagEditor::open_new_version(&mut work, &on.environment, &feature, description).await?;
    for segment in &doomed {
        editor.delete_override(segment).await?;
    }
    let mut orders = Vec::new();
    for (segment, item) in create {
        let segment = segment.ok_or_else(|| {
            let message = "Cannot create FeatureState objects that are not segment overrides.";
            Error::Invalid(Invalid::Message(message.into()))
        })?;
        orders.extend(order(&item));
        make(&mut editor, &feature, &segment, item).await?;
    }
    for (segment, item) in update {
        if let Some(segment) = &segment
            && editor.find(Line::Segment(segment.id)).is_none()
        {
            let missing = format!("segment override does not exist for segment '{}'.", segment.name);
            return Err(conflict(&missing));
        }
        orders.extend(order(&item));
        put(&mut editor, segment.as_ref(), item).await?;
    }
    editor.reorder(&orders).await?;
    let version = if new.publish {
        editor.publish(new.live_from).await?
    } else {
        editor.draft().cloned()
    };
    let version = version.ok_or_else(|| Error::internal("a version that was made is not there"))?;
    let version = keep_time(&work, version, new.live_from).await?;
    work.commit().await?;
    Ok(VersionView::of(app, version))
}

/// Makes an override in a version.
///
/// # Errors
/// `Invalid` when the segment has one.
pub(super) async fn make(
    editor: &mut FlagEditor<'_, '_>,
    feature: &Feature,
    segment: &Segment,
    item: StateItem,
) -> Result<()> {
    if editor
        .links()
        .await?
        .iter()
        .any(|link| link.segment == segment.id)
    {
        let there = format!("segment override already exists for segment '{}'", segment.name);
        return Err(conflict(&there));
    }
    let initial = FlagValue::from_initial(feature.initial_value.as_deref());
    let said = item.value.clone();
    editor
        .create_override(
            segment,
            None,
            item.enabled.unwrap_or_default(),
            item.value.over(&initial),
            item.shares.unwrap_or_default(),
        )
        .await?;
    editor.keep_columns(Line::Segment(segment.id), &said).await
}

/// The priority an item asks for.
pub(super) fn order(item: &StateItem) -> Option<(SegmentId, i32)> {
    let (segment, priority) = item.segment?;
    Some((segment, priority?))
}

/// Stores from when an unpublished version is to be in force.
async fn keep_time(
    work: &Work<'_>,
    version: FeatureVersion,
    live_from: Option<Timestamp>,
) -> Result<FeatureVersion> {
    if version.published || live_from.is_none() {
        return Ok(version);
    }
    let version = FeatureVersion { live_from, ..version };
    feature_versions::update(&work.tx, &version).await?;
    Ok(version)
}

/// The items of a list with their segments; complaints in the shape of the list.
async fn located(
    work: &Work<'_>,
    feature: &Feature,
    list: &str,
    items: Vec<StateItem>,
) -> Result<Vec<(Option<Segment>, StateItem)>> {
    let mut located = Vec::new();
    let mut complaints = Vec::new();
    for item in items {
        let segment = match item.segment {
            None => None,
            Some((id, _)) => match segment_for(work, feature, id).await {
                Ok(segment) => Some(segment),
                Err(Error::Invalid(Invalid::Fields(fields))) => {
                    complaints.push((located.len(), json!({"feature_segment": fields})));
                    None
                }
                Err(other) => return Err(other),
            },
        };
        located.push((segment, item));
    }
    if complaints.is_empty() {
        return Ok(located);
    }
    let mut all = vec![json!({}); located.len()];
    for (index, complaint) in complaints {
        all[index] = complaint;
    }
    let mut body = serde_json::Map::new();
    body.insert(list.to_owned(), Value::from(all));
    Err(Error::Invalid(Invalid::Fields(body)))
}
