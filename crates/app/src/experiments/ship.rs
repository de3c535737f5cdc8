//! Ships a variant: everybody gets it, and the experiment is over.

use super::delete::retire;
use super::lifecycle::step;
use super::rollout::holders;
use super::view::ExperimentView;
use super::{feature_of, find_for_update, view};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::flags::{Change, Shares};
use liftgate_model::ExperimentId;
use liftgate_model::experiment::ExperimentStatus;
use liftgate_model::feature_state::Line;
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::options;

/// The name of the variant that is the control value.
const CONTROL: &str = "control";

/// Completes an experiment and makes one of its variants the environment's default: an option gets 100 %, `control`
/// sets every share to 0 and takes over the cohort's control value. The rollout is removed.
///
/// # Errors
/// `Invalid` for an unknown variant, or when the experiment was never started; `Conflict` while another
/// experiment holds the flag.
pub async fn ship(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    variant: &str,
) -> Result<ExperimentView> {
    let mut work = app.begin(&on.actor).await?;
    let environment = &on.environment;
    let mut experiment = find_for_update(&work, environment, id).await?;
    let feature = feature_of(&work.tx, &experiment).await?;
    let all = options::list(&work.tx, feature.id).await?;
    let winner = all
        .iter()
        .find(|option| option.key.as_deref() == Some(variant))
        .map(|option| option.id);
    if winner.is_none() && variant != CONTROL {
        return Err(Error::field(
            "variant",
            format!("\"{variant}\" is not a valid choice."),
        ));
    }
    let Some(segment) = experiment.rollout_segment else {
        return Err(Error::detail("The experiment has no rollout to ship."));
    };
    let others = holders(&work, environment, &feature, &experiment).await?;
    if others
        .iter()
        .any(|other| other.status != ExperimentStatus::Completed)
    {
        return Err(Error::conflict("Another experiment holds this flag."));
    }
    if experiment.status != ExperimentStatus::Completed {
        step(
            &mut work,
            environment,
            &mut experiment,
            ExperimentStatus::Completed,
        )
        .await?;
    }
    let ids = [feature.id];
    let states = feature_states::list(&work.tx, &StateFilter::live(environment, work.now).of(&ids)).await?;
    let cohort = states
        .iter()
        .rev()
        .find(|state| state.line == Line::Segment(segment));
    let shares = all
        .iter()
        .map(|option| (option.id, if Some(option.id) == winner { 100.0 } else { 0.0 }));
    let change = Change {
        enabled: cohort.map(|state| state.enabled),
        value: cohort.map(|state| state.value.clone()),
        shares: Some(Shares::Merge(shares.collect())),
    };
    retire(&mut work, environment, &mut experiment, change).await?;
    let entry = super::entry(
        environment,
        &experiment,
        &format!("shipped variant '{variant}'"),
        liftgate_model::audit::ChangeType::Update,
    );
    work.audit(entry).await?;
    let shown = view::one(&work.tx, environment, experiment, work.now).await?;
    work.commit().await?;
    Ok(shown)
}
