//! Brings a stored draft up to the rollouts of experiments that changed since it was made, so that publishing it does not
//! bring old rollout data back (contract, admin API, section 7.9).

use crate::App;
use crate::error::Result;
use crate::flags::{Change, FlagEditor, Shares};
use liftgate_model::SegmentId;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::segment::Segment;
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::{experiments, segments};

/// Gives the draft that is edited the overrides of rollouts as they are live now: those of experiments that changed after
/// the draft was made. With them comes the default's share of each option, which the rollout set. Overrides of rollouts
/// that are gone go.
pub(super) async fn reapply(
    app: &App,
    editor: &mut FlagEditor<'_, '_>,
    environment: &Environment,
    feature: &Feature,
) -> Result<()> {
    let Some(made) = editor.draft().map(|draft| draft.created_at) else {
        return Ok(());
    };
    let reader = app.store.reader();
    let overridden: Vec<SegmentId> = editor.states().iter().filter_map(segment_of).collect();
    let there = segments::list_by_ids(&reader, &overridden).await?;
    let mut changed = false;
    for id in overridden {
        if !there.iter().any(|segment| segment.id == id) {
            changed |= editor.delete_line(id, "").await?;
        }
    }
    let ids = [feature.id];
    let live = StateFilter::live(environment, app.clock.now()).of(&ids);
    let live = feature_states::list(&reader, &live).await?;
    let find = |line: Line| live.iter().rev().find(|state| state.line == line);
    for experiment in experiments::list_of_feature(&reader, feature.id).await? {
        let Some(id) = experiment
            .rollout_segment
            .filter(|_| experiment.environment == environment.id && experiment.updated_at > made)
        else {
            continue;
        };
        let (Some(segment), Some(state)) = (
            segments::find(&reader, feature.project, id).await?,
            find(Line::Segment(id)),
        ) else {
            continue;
        };
        changed = true;
        put(editor, &segment, state).await?;
    }
    if let Some(default) = find(Line::Default).filter(|_| changed) {
        let change = Change {
            shares: Some(shares(default)),
            ..Change::default()
        };
        editor.change_default(change).await?;
    }
    Ok(())
}

fn segment_of(state: &FeatureState) -> Option<SegmentId> {
    match state.line {
        Line::Segment(id) => Some(id),
        Line::Default | Line::Identity(_) => None,
    }
}

fn shares(state: &FeatureState) -> Shares {
    let shares = state.allocations.iter();
    Shares::Replace(shares.map(|share| (share.option, share.percentage)).collect())
}

async fn put(editor: &mut FlagEditor<'_, '_>, segment: &Segment, live: &FeatureState) -> Result<()> {
    if editor.find(Line::Segment(segment.id)).is_none() {
        let shares = live.allocations.iter();
        let shares = shares.map(|share| (share.option, share.percentage)).collect();
        let made = editor.create_override(segment, None, live.enabled, live.value.clone(), shares);
        return made.await.map(|_| ());
    }
    let change = Change {
        enabled: Some(live.enabled),
        value: Some(live.value.clone()),
        shares: Some(shares(live)),
    };
    editor.change_override(segment, change).await
}
