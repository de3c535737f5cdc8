//! Writes a rollout to its two sources of truth (contract, admin API, section 7.6).

use super::{entry, feature_of, find_for_update, keys, view};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::flags::{Change, FlagEditor, Shares, exceed_whole};
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::segment::{Condition, Operator, Rule, RuleType, Segment};
use liftgate_model::{ExperimentId, FlagValue, OptionId, SegmentId};
use liftgate_store::{counters, experiments, options, segments};

/// A rollout as it is asked for.
#[derive(Debug, Clone)]
pub struct RolloutInput {
    /// Whether the override is on.
    pub enabled: bool,
    /// The share of identities that enter, 0 to 100.
    pub rollout_percentage: f64,
    /// The control value inside the cohort.
    pub value: FlagValue,
    /// Shares of options inside the cohort, each 0 to 100; options not named keep theirs.
    pub shares: Vec<(OptionId, f64)>,
}

/// Sets or changes the rollout of an experiment.
pub async fn change_rollout(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    input: RolloutInput,
) -> Result<view::ExperimentView> {
    let mut work = app.begin(&on.actor).await?;
    let mut experiment = find_for_update(&work, &on.environment, id).await?;
    let feature = feature_of(&work.tx, &experiment).await?;
    apply(&mut work, &on.environment, &feature, &mut experiment, input).await?;
    experiment.updated_at = work.now;
    experiments::update(&work.tx, &experiment).await?;
    work.audit(entry(
        &on.environment,
        &experiment,
        "rollout updated",
        ChangeType::Update,
    ))
    .await?;
    let shown = view::one(&work.tx, &on.environment, experiment, work.now).await?;
    work.commit().await?;
    Ok(shown)
}

/// Applies a rollout inside a unit of work. The experiment's row is the caller's to store.
pub(super) async fn apply(
    work: &mut Work<'_>,
    environment: &Environment,
    feature: &Feature,
    experiment: &mut Experiment,
    input: RolloutInput,
) -> Result<()> {
    if experiment.status == ExperimentStatus::Completed {
        return Err(Error::list(
            "Cannot change the rollout of a completed experiment.",
        ));
    }
    if environment.minimum_change_request_approvals.is_some() {
        return Err(Error::conflict(
            "Cannot roll out in an environment with change requests enabled.",
        ));
    }
    let all = options::list(&work.tx, feature.id).await?;
    check_shares(&all, &input.shares)?;
    keys::fill(work, feature, all.clone()).await?;

    let segment = write_segment(work, feature, experiment, input.rollout_percentage).await?;
    // An unfinished one would have refused this one, so all others are completed.
    let leftovers = holders(work, environment, feature, experiment).await?;
    let is_first = experiment.rollout_segment.is_none();
    let mut editor = FlagEditor::open_for_experiment(work, environment, feature).await?;
    if is_first {
        experiment.saved_allocations = take_default(&mut editor, &all, &leftovers).await?;
        experiment.rollout_segment = Some(segment.id);
    }
    let there = editor.find(Line::Segment(segment.id)).cloned();
    check_total(there.as_ref(), &input.shares)?;
    if there.is_some() {
        let change = Change {
            enabled: Some(input.enabled),
            value: Some(input.value),
            shares: Some(Shares::Merge(input.shares)),
        };
        editor.change_override(&segment, change).await?;
    } else {
        let priority = place(editor.states(), &leftovers);
        editor
            .create_override(&segment, priority, input.enabled, input.value, input.shares)
            .await?;
    }
    editor.publish(None).await?;
    Ok(())
}

/// Refuses shares that are no partition of the cohort.
fn check_shares(options: &[MultivariateOption], shares: &[(OptionId, f64)]) -> Result<()> {
    let mut named: Vec<i32> = shares.iter().map(|(option, _)| option.0).collect();
    named.sort_unstable();
    if named.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::list("Multivariate options must be unique"));
    }
    let foreign: Vec<i32> = named
        .into_iter()
        .filter(|id| !options.iter().any(|option| option.id.0 == *id))
        .collect();
    if !foreign.is_empty() {
        return Err(Error::list(format!(
            "Multivariate options {foreign:?} do not belong to the feature"
        )));
    }
    let total: f64 = shares.iter().map(|(_, share)| share).sum();
    if exceed_whole([total].into_iter()) {
        return Err(Error::list(format!(
            "Multivariate allocations must not exceed 100%, got {total:?}%."
        )));
    }
    Ok(())
}

/// Refuses shares that overflow together with those that are kept.
fn check_total(state: Option<&FeatureState>, shares: &[(OptionId, f64)]) -> Result<()> {
    let kept = state
        .map(|state| state.allocations.as_slice())
        .unwrap_or_default();
    let kept = kept
        .iter()
        .filter(|share| !shares.iter().any(|(option, _)| *option == share.option));
    let total: f64 =
        kept.map(|share| share.percentage).sum::<f64>() + shares.iter().map(|(_, share)| share).sum::<f64>();
    if exceed_whole([total].into_iter()) {
        return Err(Error::list(format!(
            "Multivariate allocations for the feature state must not exceed 100%, got {total:?}%."
        )));
    }
    Ok(())
}

/// Creates or changes the system segment that draws the cohort. Its id is the salt of the split and stays for the
/// experiment's life, so raising the percentage only adds identities.
async fn write_segment(
    work: &mut Work<'_>,
    feature: &Feature,
    experiment: &Experiment,
    percentage: f64,
) -> Result<Segment> {
    let value = Some(format!("{percentage:?}"));
    if let Some(id) = experiment.rollout_segment
        && let Some(before) = segments::find(&work.tx, feature.project, id).await?
    {
        let mut after = Segment {
            updated_at: work.now,
            ..before.clone()
        };
        let conditions = after.rules.iter_mut().flat_map(|rule| &mut rule.conditions);
        for condition in conditions.filter(|condition| condition.operator == Operator::PercentageSplit) {
            condition.value.clone_from(&value);
        }
        segments::update(&work.tx, &before, &after).await?;
        return Ok(after);
    }
    let first_id = counters::take(&work.tx, counters::SEGMENT_NODES, 2).await?;
    let condition = Condition {
        id: first_id + 1,
        operator: Operator::PercentageSplit,
        property: Some("$.identity.key".into()),
        value,
        description: None,
    };
    let rule = Rule {
        id: first_id,
        kind: RuleType::All,
        rules: Vec::new(),
        conditions: vec![condition],
    };
    let segment = Segment {
        id: SegmentId(0),
        uuid: work.uuid(),
        project: feature.project,
        name: format!("experiment-{}-rollout", experiment.id),
        description: None,
        feature: Some(feature.id),
        is_system: true,
        rules: vec![rule],
        created_at: work.now,
        updated_at: work.now,
    };
    Ok(segments::create(&work.tx, &segment).await?)
}

/// Sets every option's share of the environment default to 0, so that everybody outside the cohort gets control.
/// Answers the shares to give back: what was there, or what an earlier experiment that still holds the default saved.
async fn take_default(
    editor: &mut FlagEditor<'_, '_>,
    options: &[MultivariateOption],
    leftovers: &[Experiment],
) -> Result<Vec<(OptionId, f64)>> {
    let default = editor
        .find(Line::Default)
        .ok_or_else(|| Error::missing("FeatureState"))?;
    let own = default
        .allocations
        .iter()
        .map(|share| (share.option, share.percentage))
        .collect();
    let saved = leftovers
        .first()
        .map_or(own, |older| older.saved_allocations.clone());
    let zero = options.iter().map(|option| (option.id, 0.0)).collect();
    editor
        .change_default(Change {
            shares: Some(Shares::Merge(zero)),
            ..Change::default()
        })
        .await?;
    Ok(saved)
}

/// The other experiments on the same flag whose cohorts are still served, oldest first.
pub(super) async fn holders(
    work: &Work<'_>,
    environment: &Environment,
    feature: &Feature,
    experiment: &Experiment,
) -> Result<Vec<Experiment>> {
    let all = experiments::list_of_feature(&work.tx, feature.id).await?;
    Ok(all
        .into_iter()
        .filter(|other| {
            other.environment == environment.id
                && other.id != experiment.id
                && other.rollout_segment.is_some()
        })
        .collect())
}

/// Where a new rollout override goes: last, so that people's own overrides win, but before what completed experiments
/// left behind.
fn place(states: &[FeatureState], leftovers: &[Experiment]) -> Option<i32> {
    let mut links: Vec<_> = states
        .iter()
        .filter_map(|state| state.feature_segment.as_ref())
        .collect();
    links.sort_by_key(|link| std::cmp::Reverse(link.priority));
    links
        .into_iter()
        .take_while(|link| {
            leftovers
                .iter()
                .any(|older| older.rollout_segment == Some(link.segment))
        })
        .last()
        .map(|link| link.priority)
}
