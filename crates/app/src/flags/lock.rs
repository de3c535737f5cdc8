//! Guards a flag while an experiment runs on it (contract, admin API, section 7.10).
//!
//! Whoever changes a flag by hand, or from a script, skews what is being measured. The experiment's own steps pass, and
//! so do overrides of single identities. A paused experiment guards nothing.

use super::served_overrides;
use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_model::feature::Feature;
use liftgate_model::{EnvironmentId, ProjectId, SegmentId};
use liftgate_store::{environments, experiments, features};

/// What becomes of a change to a flag on which an experiment runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExperimentLock {
    /// It is made.
    Off,
    /// It is made; the answer says so, and an audit record.
    #[default]
    Warn,
    /// It is refused (409).
    Enforce,
}

/// Lets a change of a feature in one environment pass, or refuses it.
///
/// # Errors
/// `Conflict` while an experiment runs there, where the lock is enforced.
pub(crate) async fn guard(work: &mut Work<'_>, environment: &Environment, feature: &Feature) -> Result<()> {
    judge(work, feature, Some(environment.id)).await
}

/// The same for a change that every environment sees.
///
/// # Errors
/// `Conflict` while an experiment runs in any environment, where the lock is enforced.
pub(crate) async fn guard_everywhere(work: &mut Work<'_>, feature: &Feature) -> Result<()> {
    judge(work, feature, None).await
}

/// The same for a segment whose overrides are about to be removed everywhere.
///
/// # Errors
/// `Conflict` while an experiment runs on a flag that the segment overrides, where the lock is enforced.
pub(crate) async fn guard_segment(work: &mut Work<'_>, project: ProjectId, segment: SegmentId) -> Result<()> {
    if work.app.settings.experiment_lock == ExperimentLock::Off {
        return Ok(());
    }
    let all = environments::list(&work.tx, project).await?;
    for state in served_overrides(&work.tx, &all, segment, work.now).await? {
        if let Some(feature) = features::find_by_id(&work.tx, state.feature).await? {
            judge(work, &feature, Some(state.environment)).await?;
        }
    }
    Ok(())
}

async fn judge(work: &mut Work<'_>, feature: &Feature, environment: Option<EnvironmentId>) -> Result<()> {
    let lock = work.app.settings.experiment_lock;
    if lock == ExperimentLock::Off {
        return Ok(());
    }
    let of_feature = experiments::list_of_feature(&work.tx, feature.id).await?;
    let running = of_feature
        .into_iter()
        .filter(|experiment| experiment.status == ExperimentStatus::Running)
        .filter(|experiment| environment.is_none_or(|id| id == experiment.environment));
    for experiment in running {
        if lock == ExperimentLock::Enforce {
            return Err(Error::Conflict {
                detail: "Flag is locked by a running experiment.".into(),
                code: Some("experiment_running"),
            });
        }
        work.warn(experiment.id, record(feature, &experiment));
    }
    Ok(())
}

/// The audit record of a change that was made in spite of an experiment.
fn record(feature: &Feature, experiment: &Experiment) -> Entry {
    let log = format!(
        "Flag '{}' changed while experiment '{}' is running",
        feature.name, experiment.name
    );
    Entry::in_environment(
        log,
        feature.project,
        experiment.environment,
        RelatedObject::Experiment,
        experiment.id.0,
        ChangeType::Update,
    )
    .silent()
}
