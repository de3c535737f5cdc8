//! Makes, reorders and removes the links of segment overrides.

use super::read::{self, MODEL, OverrideLink, complete, writable};
use super::segment_for;
use crate::App;
use crate::access::Refusal;
use crate::access::need::ManageSegmentOverrides;
use crate::error::{Error, Result};
use crate::features::{entry, load};
use crate::flags::FlagEditor;
use crate::states::{open_in_place, versioned};
use crate::work::Work;
use liftgate_model::account::Actor;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::FeatureSegment;
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, SegmentId};
use liftgate_store::{feature_segments, feature_versions, features, segments};

/// What a link belongs to, as a body names it.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinkPlace {
    /// The feature.
    pub feature: Option<FeatureId>,
    /// The segment.
    pub segment: Option<SegmentId>,
    /// The environment.
    pub environment: Option<EnvironmentId>,
}

/// Makes a link without a state, last in priority.
///
/// # Errors
/// `Forbidden` when there is no such environment or the caller may not write segment overrides in it; `Invalid` by field,
/// when the segment has a link already, and in a versioned environment.
pub async fn create(
    app: &App,
    actor: &Actor,
    environment: EnvironmentId,
    feature: FeatureId,
    segment: SegmentId,
) -> Result<FeatureSegment> {
    let on = app
        .access()
        .environment_by_id::<ManageSegmentOverrides>(actor, environment, Refusal::Forbid)
        .await?;
    let mut work = app.begin(actor).await?;
    let found = features::find(&work.tx, on.environment.project, feature).await?;
    let feature = found.ok_or_else(|| Error::unknown_pk("feature", feature.0))?;
    let segment = segment_for(&work, &feature, segment).await?;
    let mut editor = open_in_place(&mut work, &on.environment, &feature, None).await?;
    if editor
        .links()
        .await?
        .iter()
        .any(|link| link.segment == segment.id)
    {
        return Err(Error::non_field(
            "The fields feature, environment, segment must make a unique set.",
        ));
    }
    let link = editor.create_link(segment.id, None).await?;
    work.commit().await?;
    Ok(link)
}

/// Confirms a link. What it belongs to never changes, and its priority changes by reordering, so nothing does here.
///
/// # Errors
/// As [`read::find`], and `Invalid` when the body names another feature, segment or environment.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: FeatureSegmentId,
    named: LinkPlace,
) -> Result<FeatureSegment> {
    let link = read::find(app, actor, id).await?.link;
    let fixed = |field: &str| {
        Err(Error::field(
            field,
            format!("Cannot change the {field} of a feature segment"),
        ))
    };
    if named.feature.is_some_and(|feature| feature != link.feature) {
        return fixed("feature");
    }
    if named.segment.is_some_and(|segment| segment != link.segment) {
        return fixed("segment");
    }
    if named
        .environment
        .is_some_and(|environment| environment != link.environment)
    {
        return fixed("environment");
    }
    Ok(link)
}

/// Removes a segment override by its link; weaker ones move up. In a versioned environment this publishes a version, or
/// changes the unpublished one the link is in.
///
/// # Errors
/// As [`read::find`], and `Invalid` when the link is in a version that is neither live nor unpublished.
pub async fn delete(app: &App, actor: &Actor, id: FeatureSegmentId) -> Result<()> {
    let found = feature_segments::find(&app.store.reader(), id).await?;
    let (_, on) = writable(app, actor, found).await?;
    let mut work = app.begin(actor).await?;
    let found = feature_segments::find(&work.tx, id).await?;
    let link = found.ok_or_else(|| Error::missing(MODEL))?;
    let feature = load(&work.tx, on.project.id, link.feature).await?;
    let segment = segments::find(&work.tx, on.project.id, link.segment).await?;
    let segment = segment.ok_or_else(|| Error::missing(MODEL))?;
    let place = place(&work, &on.environment, &link).await?;
    let mut editor = place.open(&mut work, &on.environment, &feature).await?;
    editor.delete_override(&segment).await?;
    place.finish(editor).await?;
    work.commit().await
}

/// Gives links the priorities asked for; others of the same flag keep their order around them. Answers the links, in
/// their new order. In a versioned environment a change of what is live publishes a version, whose links have new ids.
///
/// # Errors
/// `Invalid` when a link is not there, or they are not all of one flag in one environment and version; `Forbidden` when
/// the caller may not write segment overrides there.
pub async fn reorder(
    app: &App,
    actor: &Actor,
    wanted: &[(FeatureSegmentId, i32)],
) -> Result<Vec<OverrideLink>> {
    let ids: Vec<FeatureSegmentId> = wanted.iter().map(|(id, _)| *id).collect();
    let links = feature_segments::list_by_ids(&app.store.reader(), &ids).await?;
    if links.len() != wanted.len() {
        return Err(Error::non_field("Some of the provided ids were not found."));
    }
    let Some(first) = links.first().cloned() else {
        return Ok(Vec::new());
    };
    let together =
        |same: fn(&FeatureSegment, &FeatureSegment) -> bool| links.iter().all(|link| same(link, &first));
    if !together(|a, b| a.feature == b.feature && a.environment == b.environment) {
        return Err(Error::non_field(
            "All feature segments must belong to the same feature & environment.",
        ));
    }
    let on = app
        .access()
        .environment_by_id::<ManageSegmentOverrides>(actor, first.environment, Refusal::Forbid)
        .await?;
    if !together(|a, b| a.version == b.version) {
        return Err(Error::non_field(
            "All feature segments must be associated with the same environment feature version.",
        ));
    }
    let asked = |link: &FeatureSegment| {
        let place = wanted.iter().find(|(id, _)| *id == link.id);
        place.map_or(link.priority, |(_, priority)| *priority)
    };
    let orders: Vec<(SegmentId, i32)> = links.iter().map(|link| (link.segment, asked(link))).collect();
    let mut work = app.begin(actor).await?;
    if links.iter().all(|link| link.priority == asked(link)) {
        return complete(&work.tx, sorted(links)).await;
    }
    let feature = load(&work.tx, on.project.id, first.feature).await?;
    let place = place(&work, &on.environment, &first).await?;
    let mut editor = place.open(&mut work, &on.environment, &feature).await?;
    editor.reorder(&orders).await?;
    let after: Vec<FeatureSegment> = editor
        .links()
        .await?
        .into_iter()
        .filter(|link| orders.iter().any(|(segment, _)| *segment == link.segment))
        .collect();
    place.finish(editor).await?;
    if place == Place::Row {
        let log = format!("Segment overrides re-ordered for feature '{}'.", feature.name);
        let record = crate::work::Entry {
            environment: Some(on.environment.id),
            ..entry(&feature, log, ChangeType::Update)
        };
        work.audit(record).await?;
    }
    let shown = complete(&work.tx, after).await?;
    work.commit().await?;
    Ok(shown)
}

fn sorted(mut links: Vec<FeatureSegment>) -> Vec<FeatureSegment> {
    links.sort_by_key(|link| (link.priority, link.id));
    links
}

/// Where a link is, which says how it may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In no version: in place.
    Row,
    /// In an unpublished version: in place.
    Draft(uuid::Uuid),
    /// In the live version: by publishing a new one.
    Live,
}

async fn place(work: &Work<'_>, environment: &Environment, link: &FeatureSegment) -> Result<Place> {
    let Some(uuid) = link.version else {
        return Ok(Place::Row);
    };
    let version = feature_versions::find(&work.tx, uuid).await?;
    if version.is_some_and(|version| !version.published) {
        return Ok(Place::Draft(uuid));
    }
    let live = feature_versions::find_live(&work.tx, environment.id, link.feature, work.now).await?;
    match live {
        Some(live) if live.uuid == uuid => Ok(Place::Live),
        _ => Err(versioned()),
    }
}

impl Place {
    async fn open<'e, 'w>(
        self,
        work: &'e mut Work<'w>,
        environment: &'e Environment,
        feature: &'e Feature,
    ) -> Result<FlagEditor<'e, 'w>> {
        match self {
            Self::Row => open_in_place(work, environment, feature, None).await,
            Self::Draft(uuid) => open_in_place(work, environment, feature, Some(uuid)).await,
            Self::Live => FlagEditor::open(work, environment, feature).await,
        }
    }

    async fn finish(self, editor: FlagEditor<'_, '_>) -> Result<()> {
        if self == Self::Live {
            editor.publish(None).await?;
        }
        Ok(())
    }
}
