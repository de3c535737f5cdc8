//! Start, pause and complete.

use super::view::ExperimentView;
use super::{entry, feature_of, find_for_update, view};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::flags::{Change, FlagEditor};
use crate::work::Work;
use liftgate_model::ExperimentId;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Experiment, ExperimentStatus};
use liftgate_model::feature_state::Line;
use liftgate_store::{experiments, segments};

/// Starts or resumes an experiment, and switches its rollout on.
pub async fn start(app: &App, on: &OnEnvironment<Admin>, id: ExperimentId) -> Result<ExperimentView> {
    transition(app, on, id, ExperimentStatus::Running).await
}

/// Pauses an experiment: variants keep being served, SDKs stop recording exposures.
pub async fn pause(app: &App, on: &OnEnvironment<Admin>, id: ExperimentId) -> Result<ExperimentView> {
    transition(app, on, id, ExperimentStatus::Paused).await
}

/// Ends an experiment. The cohort keeps its variants until one is shipped or the experiment is deleted.
pub async fn complete(app: &App, on: &OnEnvironment<Admin>, id: ExperimentId) -> Result<ExperimentView> {
    transition(app, on, id, ExperimentStatus::Completed).await
}

async fn transition(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    next: ExperimentStatus,
) -> Result<ExperimentView> {
    let mut work = app.begin(&on.actor).await?;
    let mut experiment = find_for_update(&work, &on.environment, id).await?;
    step(&mut work, &on.environment, &mut experiment, next).await?;
    if next == ExperimentStatus::Running {
        switch_on(&mut work, &on.environment, &experiment).await?;
    }
    let shown = view::one(&work.tx, &on.environment, experiment, work.now).await?;
    work.commit().await?;
    Ok(shown)
}

/// Takes one step of the life cycle inside a unit of work and stores it.
pub(super) async fn step(
    work: &mut Work<'_>,
    environment: &Environment,
    experiment: &mut Experiment,
    next: ExperimentStatus,
) -> Result<()> {
    let before = experiment.status;
    if !before.may_become(next) {
        return Err(Error::detail("Unable to transition experiment status."));
    }
    experiment.status = next;
    experiment.updated_at = work.now;
    if next == ExperimentStatus::Running {
        experiment.started_at.get_or_insert(work.now);
    }
    if next == ExperimentStatus::Completed {
        experiment.ended_at = Some(work.now);
    }
    experiments::update(&work.tx, experiment).await?;
    let entry = entry(environment, experiment, next.as_str(), ChangeType::Update);
    work.audit(entry.with("status", before.as_str(), next.as_str()))
        .await
}

/// Switches the rollout override on, if there is one that is off.
async fn switch_on(work: &mut Work<'_>, environment: &Environment, experiment: &Experiment) -> Result<()> {
    let Some(id) = experiment.rollout_segment else {
        return Ok(());
    };
    let Some(segment) = segments::find(&work.tx, environment.project, id).await? else {
        return Ok(());
    };
    let feature = feature_of(&work.tx, experiment).await?;
    let reader = liftgate_store::feature_states::StateFilter::live(environment, work.now);
    let ids = [feature.id];
    let states = liftgate_store::feature_states::list(&work.tx, &reader.of(&ids)).await?;
    let off = states
        .iter()
        .any(|state| state.line == Line::Segment(id) && !state.enabled);
    if off {
        let mut editor = FlagEditor::open_for_experiment(work, environment, &feature).await?;
        editor
            .change_override(
                &segment,
                Change {
                    enabled: Some(true),
                    ..Change::default()
                },
            )
            .await?;
        editor.publish(None).await?;
    }
    Ok(())
}
