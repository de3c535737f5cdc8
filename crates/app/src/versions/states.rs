//! Edits the states of an unpublished version one by one.

use super::create::{StateItem, make, order};
use super::{draft, feature};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::UpdateFeatureState;
use crate::error::{Error, Invalid, Result};
use crate::flags::{Change, FlagEditor, Shares};
use crate::overrides::{nested, segment_for};
use crate::work::Work;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::segment::Segment;
use liftgate_model::{FeatureId, FeatureStateId};
use liftgate_store::segments;
use uuid::Uuid;

/// Makes a segment override in an unpublished version.
///
/// # Errors
/// `NotFound` as for [`super::states()`]; `Invalid` when the version is published, the item is no segment override, or its
/// segment is not one of the project, is for another feature or has an override.
pub async fn create_state(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureId,
    version: Uuid,
    item: StateItem,
) -> Result<FeatureState> {
    let mut work = app.begin(&on.actor).await?;
    let feature = feature(&work.tx, on, id).await?;
    let draft = draft(&work.tx, on, &feature, version).await?;
    let Some((segment, _)) = item.segment else {
        let message = "Cannot create FeatureState objects that are not segment overrides.";
        return Err(Error::Invalid(Invalid::Message(message.into())));
    };
    let segment = segment_for(&work, &feature, segment).await.map_err(nested)?;
    let mut editor = FlagEditor::open_draft(&mut work, &on.environment, &feature, draft).await?;
    let orders: Vec<_> = order(&item).into_iter().collect();
    make(&mut editor, &feature, &segment, item).await?;
    editor.reorder(&orders).await?;
    let made = editor.find(Line::Segment(segment.id)).cloned();
    let made = made.ok_or_else(|| Error::missing("FeatureState"))?;
    work.commit().await?;
    Ok(made)
}

/// Changes a state of an unpublished version. A segment in the item is the one there is.
///
/// # Errors
/// `NotFound` as for [`super::states()`], or when the version has no such state; `Invalid` when the version is published or
/// the item names another segment.
pub async fn update_state(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureId,
    version: Uuid,
    state: FeatureStateId,
    item: StateItem,
) -> Result<FeatureState> {
    let mut work = app.begin(&on.actor).await?;
    let feature = feature(&work.tx, on, id).await?;
    let draft = draft(&work.tx, on, &feature, version).await?;
    let filter = liftgate_store::feature_states::StateFilter::version(on.environment.id, draft.uuid);
    let all = liftgate_store::feature_states::list(&work.tx, &filter).await?;
    let before = pick(&all, state)?;
    let segment = segment_of(&work, &feature, &before).await?;
    let named = item.segment.map(|(segment, _)| segment);
    if named.is_some_and(|named| Some(named) != segment.as_ref().map(|segment| segment.id)) {
        let message = "Cannot change the segment of a feature state";
        return Err(nested(Error::field("segment", message)));
    }
    let mut editor = FlagEditor::open_draft(&mut work, &on.environment, &feature, draft).await?;
    let orders: Vec<_> = order(&item).into_iter().collect();
    put(&mut editor, segment.as_ref(), item).await?;
    editor.reorder(&orders).await?;
    let after = pick(editor.states(), state)?;
    work.commit().await?;
    Ok(after)
}

/// Removes a segment override from an unpublished version.
///
/// # Errors
/// `NotFound` as for [`super::states()`], or when the version has no such state; `Invalid` when the version is published or
/// the state is the default.
pub async fn delete_state(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureId,
    version: Uuid,
    state: FeatureStateId,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let feature = feature(&work.tx, on, id).await?;
    let draft = draft(&work.tx, on, &feature, version).await?;
    let filter = liftgate_store::feature_states::StateFilter::version(on.environment.id, draft.uuid);
    let all = liftgate_store::feature_states::list(&work.tx, &filter).await?;
    let before = pick(&all, state)?;
    let segment = segment_of(&work, &feature, &before).await?;
    let segment = segment.ok_or_else(|| Error::detail("Cannot delete environment default feature state."))?;
    let mut editor = FlagEditor::open_draft(&mut work, &on.environment, &feature, draft).await?;
    editor.delete_override(&segment).await?;
    work.commit().await
}

/// Applies an item to the state of a segment, or to the default.
pub(super) async fn put(
    editor: &mut FlagEditor<'_, '_>,
    segment: Option<&Segment>,
    item: StateItem,
) -> Result<()> {
    let line = segment.map_or(Line::Default, |segment| Line::Segment(segment.id));
    let stored = editor.find(line).ok_or_else(|| Error::missing("FeatureState"))?;
    let said = item.value.clone();
    let change = Change {
        enabled: item.enabled,
        value: item.value.change(&stored.value, &stored.leftovers),
        shares: item.shares.map(Shares::Replace),
    };
    match segment {
        Some(segment) => editor.change_override(segment, change).await?,
        None => editor.change_default(change).await?,
    }
    editor.keep_columns(line, &said).await
}

/// 400 for changes that contradict what is there.
pub(super) fn conflict(what: &str) -> Error {
    Error::Invalid(Invalid::Message(format!(
        "An unresolvable conflict occurred: {what}"
    )))
}

/// The segment of an override; none for the default.
async fn segment_of(work: &Work<'_>, feature: &Feature, state: &FeatureState) -> Result<Option<Segment>> {
    match state.line {
        Line::Segment(id) => {
            let found = segments::find(&work.tx, feature.project, id).await?;
            found.map(Some).ok_or_else(|| Error::missing("FeatureState"))
        }
        Line::Default | Line::Identity(_) => Ok(None),
    }
}

fn pick(states: &[FeatureState], id: FeatureStateId) -> Result<FeatureState> {
    let found = states.iter().find(|state| state.id == id).cloned();
    found.ok_or_else(|| Error::missing("FeatureState"))
}
