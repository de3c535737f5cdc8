//! Deletes an experiment and gives the flag back.

use super::rollout::holders;
use super::{entry, feature_of, find_for_update};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::flags::{Change, FlagEditor, Shares};
use crate::work::Work;
use liftgate_model::ExperimentId;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_store::{experiments, options, segments};

/// Deletes an experiment that is not running. Its override and its segment go, the default gets its shares back.
///
/// # Errors
/// `Invalid` while it is running.
pub async fn delete(app: &App, on: &OnEnvironment<Admin>, id: ExperimentId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let mut experiment = find_for_update(&work, &on.environment, id).await?;
    if experiment.status == ExperimentStatus::Running {
        return Err(Error::detail(
            "Cannot delete a running experiment. Pause or complete it first.",
        ));
    }
    let feature = feature_of(&work.tx, &experiment).await?;
    let mut default = Change::default();
    // While another experiment holds the default, its options stay at 0; that one knows what to give back.
    if holders(&work, &on.environment, &feature, &experiment)
        .await?
        .is_empty()
    {
        default.shares = Some(Shares::Merge(experiment.saved_allocations.clone()));
    }
    retire(&mut work, &on.environment, &mut experiment, default).await?;
    experiments::delete(&work.tx, experiment.id, work.now).await?;
    work.audit(entry(&on.environment, &experiment, "deleted", ChangeType::Delete))
        .await?;
    work.commit().await
}

/// Takes an experiment's rollout out of the flag: the override and the segment are removed and the default is changed,
/// in one version. Without a rollout nothing happens. Shares of options that are gone are left out.
pub(super) async fn retire(
    work: &mut Work<'_>,
    environment: &Environment,
    experiment: &mut Experiment,
    mut default: Change,
) -> Result<()> {
    let Some(id) = experiment.rollout_segment.take() else {
        return Ok(());
    };
    let feature = feature_of(&work.tx, experiment).await?;
    let known: Vec<_> = options::list(&work.tx, feature.id)
        .await?
        .into_iter()
        .map(|option| option.id)
        .collect();
    if let Some(Shares::Merge(shares) | Shares::Replace(shares)) = &mut default.shares {
        shares.retain(|(option, _)| known.contains(option));
    }
    let segment = segments::find(&work.tx, environment.project, id).await?;
    let mut editor = FlagEditor::open_for_experiment(work, environment, &feature).await?;
    editor.change_default(default).await?;
    if let Some(segment) = &segment {
        editor.delete_override(segment).await?;
    }
    editor.publish(None).await?;
    if let Some(segment) = segment {
        segments::delete(&work.tx, segment.id, work.now).await?;
    }
    experiment.saved_allocations.clear();
    experiments::update(&work.tx, experiment).await?;
    Ok(())
}
