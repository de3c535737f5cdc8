//! Experiments as they are shown: with their feature, their metrics, and the rollout read back from where it lives.

use crate::App;
use crate::access::OnEnvironment;
use crate::error::{Error, Result};
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, ExperimentStatus, Rollout};
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::metric::ExperimentMetric;
use liftgate_model::segment::{Operator, Segment};
use liftgate_model::{ExperimentId, FeatureId, SegmentId, Slice, Timestamp};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{Conn, experiments, feature_states, features, metrics, options, segments};
use std::collections::HashMap;

/// An experiment with everything its full representation shows.
#[derive(Debug, Clone)]
pub struct ExperimentView {
    /// The experiment.
    pub experiment: Experiment,
    /// Its feature.
    pub feature: ExperimentFeature,
    /// Its metrics; the first is the primary one.
    pub metrics: Vec<ExperimentMetric>,
    /// The rollout as it is in force; `None` when none is configured, or when its override was removed.
    pub rollout: Option<Rollout>,
}

/// The feature of an experiment.
#[derive(Debug, Clone)]
pub struct ExperimentFeature {
    /// The feature.
    pub feature: Feature,
    /// Its options, by id, each with its share of the environment's live default.
    pub options: Vec<(MultivariateOption, f64)>,
}

/// A page of experiments.
#[derive(Debug, Clone)]
pub struct ExperimentPage {
    /// How many pass the filter.
    pub total: u64,
    /// Those of this page, newest first.
    pub items: Vec<ExperimentView>,
    /// How many there are of each status, whatever status is asked for.
    pub status_counts: HashMap<ExperimentStatus, u64>,
}

/// What a list of experiments shows.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// Only these statuses; empty means all.
    pub statuses: Vec<ExperimentStatus>,
    /// A part of the experiment's or the feature's name, in any case.
    pub name_contains: Option<String>,
}

/// The experiments of an environment, newest first. The number of statements does not depend on how many they are.
pub async fn list<N>(
    app: &App,
    on: &OnEnvironment<N>,
    filter: &ListFilter,
    slice: Slice,
) -> Result<ExperimentPage> {
    let reader = app.store.reader();
    let name = filter.name_contains.as_deref();
    let stored = experiments::ExperimentFilter {
        statuses: &filter.statuses,
        name_contains: name,
    };
    let page = experiments::list(&reader, on.environment.id, stored, slice).await?;
    let status_counts = experiments::count_by_status(&reader, on.environment.id, name).await?;
    let items = complete(&reader, &on.environment, page.items, app.clock.now()).await?;
    Ok(ExperimentPage {
        total: page.total,
        items,
        status_counts,
    })
}

/// One experiment.
pub async fn find<N>(app: &App, on: &OnEnvironment<N>, id: ExperimentId) -> Result<ExperimentView> {
    let reader = app.store.reader();
    let found = experiments::find(&reader, on.environment.id, id).await?;
    let experiment = found.ok_or_else(|| Error::missing("Experiment"))?;
    one(&reader, &on.environment, experiment, app.clock.now()).await
}

/// One experiment, completed.
pub(super) async fn one(
    conn: &impl Conn,
    environment: &Environment,
    experiment: Experiment,
    now: Timestamp,
) -> Result<ExperimentView> {
    let mut views = complete(conn, environment, vec![experiment], now).await?;
    views.pop().ok_or_else(|| Error::missing("Experiment"))
}

/// Gives experiments their features, metrics and rollouts, in a constant number of statements. An experiment whose
/// feature is gone is left out: one broken row never fails a list.
async fn complete(
    conn: &impl Conn,
    environment: &Environment,
    experiments: Vec<Experiment>,
    now: Timestamp,
) -> Result<Vec<ExperimentView>> {
    if experiments.is_empty() {
        return Ok(Vec::new());
    }
    let feature_ids = distinct(experiments.iter().map(|experiment| experiment.feature));
    let segment_ids = distinct(
        experiments
            .iter()
            .filter_map(|experiment| experiment.rollout_segment),
    );
    let ids: Vec<ExperimentId> = experiments.iter().map(|experiment| experiment.id).collect();

    let found = features::list_by_ids(conn, &feature_ids).await?;
    let features: HashMap<FeatureId, Feature> =
        found.into_iter().map(|feature| (feature.id, feature)).collect();
    let options = options::list_of(conn, &feature_ids).await?;
    let states = feature_states::list(conn, &StateFilter::live(environment, now).of(&feature_ids)).await?;
    let found = segments::list_by_ids(conn, &segment_ids).await?;
    let segments: HashMap<SegmentId, Segment> =
        found.into_iter().map(|segment| (segment.id, segment)).collect();
    let mut metrics = metrics::list_attached(conn, &ids).await?;

    Ok(experiments
        .into_iter()
        .filter_map(|experiment| {
            let feature = features.get(&experiment.feature)?.clone();
            let default = live(&states, feature.id, Line::Default);
            let options = options.get(&feature.id).map(Vec::as_slice).unwrap_or_default();
            let shares = options
                .iter()
                .map(|option| (option.clone(), share_of(option, default)))
                .collect();
            let rollout = experiment.rollout_segment.and_then(|id| {
                let state = live(&states, feature.id, Line::Segment(id))?;
                Some(rollout_of(segments.get(&id)?, state))
            });
            Some(ExperimentView {
                feature: ExperimentFeature {
                    feature,
                    options: shares,
                },
                metrics: metrics.remove(&experiment.id).unwrap_or_default(),
                rollout,
                experiment,
            })
        })
        .collect())
}

/// Reassembles a rollout from its two sources of truth.
fn rollout_of(segment: &Segment, state: &FeatureState) -> Rollout {
    Rollout {
        enabled: state.enabled,
        rollout_percentage: percentage_of(segment),
        value: state.value.clone(),
        allocations: state
            .allocations
            .iter()
            .map(|share| (share.option, share.percentage))
            .collect(),
    }
}

/// The number in the percentage split of a rollout segment; 0 where there is none.
fn percentage_of(segment: &Segment) -> f64 {
    let split = segment
        .rules
        .iter()
        .flat_map(|rule| &rule.conditions)
        .find(|condition| condition.operator == Operator::PercentageSplit);
    let text = split
        .and_then(|condition| condition.value.as_deref())
        .unwrap_or_default();
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .unwrap_or_default()
}

/// The state of a line that is served; of several, the last.
fn live(states: &[FeatureState], feature: FeatureId, line: Line) -> Option<&FeatureState> {
    states
        .iter()
        .filter(|state| state.feature == feature && state.line == line)
        .max_by_key(|state| state.id)
}

/// The share of an option in the live default; without a live default, what the option starts with.
fn share_of(option: &MultivariateOption, default: Option<&FeatureState>) -> f64 {
    let Some(default) = default else {
        return option.default_percentage_allocation;
    };
    let share = default.allocations.iter().find(|share| share.option == option.id);
    share.map_or(0.0, |share| share.percentage)
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = items.collect();
    all.sort_unstable();
    all.dedup();
    all
}
