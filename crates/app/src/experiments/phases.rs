//! When the split of an experiment changed, and who came while it stayed the same (contract, statistics section 9).
//!
//! Whatever writes to a flag (the rollout, the flag itself, an option, a version) ends as a unit of work, and every unit of work
//! that changes the answers of an environment notes the split in the same transaction. A version that was scheduled changes the
//! answers without a write; the next run of the results, or the next write, notes it with the time at which it came into force.

use super::view::{self, ExperimentView};
use crate::App;
use crate::error::{Error, Result};
use crate::work::Work;
use liftgate_events::ExposureQuery;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, Phase};
use liftgate_model::{EnvironmentId, Timestamp};
use liftgate_stats::ExpectedShares;
use liftgate_stats::results as stats;
use liftgate_store::{Conn, environments, experiment_phases, experiments, feature_versions};
use std::collections::BTreeMap;

/// Notes the splits of all experiments that were started and are not over, in environments whose answers change.
pub(crate) async fn note(work: &Work<'_>, changed: &[EnvironmentId]) -> Result<()> {
    for experiment in experiments::list_open(&work.tx, changed).await? {
        let Some(environment) = environments::find(&work.tx, experiment.environment).await? else {
            continue;
        };
        note_one(&work.tx, &environment, experiment, work.now).await?;
    }
    Ok(())
}

/// Notes the split of one experiment, if it is not that of its last phase.
pub(super) async fn note_one(
    conn: &impl Conn,
    environment: &Environment,
    experiment: Experiment,
    now: Timestamp,
) -> Result<()> {
    let (id, feature) = (experiment.id, experiment.feature);
    let Some(started_at) = experiment.started_at else {
        return Ok(());
    };
    let Ok(shown) = view::one(conn, environment, experiment, now).await else {
        // Its feature is gone: nobody enters any more.
        return Ok(());
    };
    let allocations = in_force(&shown);
    let known = experiment_phases::list(conn, id).await?;
    let began = match known.last() {
        None => started_at,
        Some(last) if is_same(last.allocations.as_ref(), allocations.as_ref()) => return Ok(()),
        Some(last) => {
            let version = feature_versions::find_live(conn, environment.id, feature, now).await?;
            version
                .and_then(|version| version.live_from)
                .filter(|live_from| *live_from > last.started_at && *live_from <= now)
                .unwrap_or(now)
        }
    };
    let phase = Phase {
        started_at: began,
        allocations,
    };
    Ok(experiment_phases::create(conn, id, &phase).await?)
}

/// The split by the keys of the treatments: that of the rollout override; without a rollout, that of the environment default.
fn in_force(shown: &ExperimentView) -> Option<BTreeMap<String, f64>> {
    let options = &shown.feature.options;
    let key_of = |id| {
        let found = options.iter().find(|(option, _)| option.id == id);
        found.and_then(|(option, _)| option.key.clone())
    };
    match &shown.rollout {
        Some(rollout) => {
            let shares = rollout.allocations.iter();
            shares
                .map(|(option, share)| Some((key_of(*option)?, *share)))
                .collect()
        }
        None => options
            .iter()
            .map(|(option, share)| Some((option.key.clone()?, *share)))
            .collect(),
    }
}

/// The phases of an experiment with the identities that were first exposed during each, oldest first; there is one at least.
/// `total` are those of all phases.
pub(super) async fn observed(
    app: &App,
    shown: &ExperimentView,
    query: &ExposureQuery,
    total: &BTreeMap<String, u64>,
) -> Result<Vec<stats::Phase>> {
    let mut known = experiment_phases::list(&app.store.reader(), shown.experiment.id).await?;
    // Writes that came at once may both have noted the same split.
    known.dedup_by(|next, last| is_same(last.allocations.as_ref(), next.allocations.as_ref()));
    if known.len() < 2 {
        let allocations = match known.pop() {
            Some(phase) => phase.allocations,
            None => in_force(shown),
        };
        return Ok(vec![stats::Phase {
            expected_shares: expected_shares(allocations),
            observed: total.clone(),
        }]);
    }
    let starts: Vec<i64> = known.iter().map(|phase| phase.started_at.as_millis()).collect();
    let counts = app
        .events
        .identities_by_phase(query, &starts)
        .await
        .map_err(Error::internal)?;
    let phases = known.into_iter().zip(counts);
    Ok(phases
        .map(|(phase, observed)| stats::Phase {
            expected_shares: expected_shares(phase.allocations),
            observed,
        })
        .collect())
}

/// No shares when an option cannot be named, or when there are more than the whole.
fn expected_shares(allocations: Option<BTreeMap<String, f64>>) -> ExpectedShares {
    allocations
        .and_then(|shares| ExpectedShares::from_allocations(shares).ok())
        .unwrap_or_default()
}

/// Whether two splits are the same but for rounding; a treatment that is not there has no share.
fn is_same(one: Option<&BTreeMap<String, f64>>, other: Option<&BTreeMap<String, f64>>) -> bool {
    const ROUNDING: f64 = 1e-9;
    let (Some(one), Some(other)) = (one, other) else {
        return one.is_none() && other.is_none();
    };
    let share = |of: &BTreeMap<String, f64>, key: &String| of.get(key).copied().unwrap_or(0.0);
    one.keys()
        .chain(other.keys())
        .all(|key| (share(one, key) - share(other, key)).abs() <= ROUNDING)
}
