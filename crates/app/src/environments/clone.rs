//! Copies environments: settings and what flags do, not identities, keys or experiments.

use super::{KEY_CHARACTERS, create, entry};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ViewEnvironment;
use crate::error::{Error, Result};
use crate::flags::create_initial_version;
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::Experiment;
use liftgate_model::feature_state::{FeatureSegment, FeatureState, Line};
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, OptionId, ProjectPermission};
use liftgate_store::feature_states::{NewState, StateFilter};
use liftgate_store::{experiments, feature_segments, feature_states, features};
use std::collections::HashMap;
use uuid::Uuid;

/// An environment the caller may copy: they see it, and may create environments in its project. Whoever copies becomes
/// the admin of the copy, so a copy must not show what its source does not.
#[derive(Debug)]
pub struct Cloneable(OnEnvironment<ViewEnvironment>);

/// Proves that an environment may be copied.
///
/// # Errors
/// `Forbidden` for who may not create environments.
pub fn cloneable(on: OnEnvironment<ViewEnvironment>) -> Result<Cloneable> {
    if on.project_grants.has(ProjectPermission::CreateEnvironment) {
        Ok(Cloneable(on))
    } else {
        Err(Error::forbidden())
    }
}

/// Copies an environment under a new name and with a key of its own; a person becomes its admin.
///
/// Every live default and segment override is copied with its salt, so that everybody keeps their variant. What
/// experiments put there is not: their overrides stay behind, and defaults get the shares they had before.
///
/// # Errors
/// `Invalid` when the project has one of that name.
pub async fn clone(app: &App, Cloneable(on): &Cloneable, name: String) -> Result<Environment> {
    let mut work = app.begin(&on.actor).await?;
    let source = &on.environment;
    let copy = Environment {
        id: EnvironmentId(0),
        uuid: work.uuid(),
        name,
        api_key: app.random.alphanumeric(KEY_CHARACTERS),
        created_at: work.now,
        updated_at: work.now,
        revision: 0,
        ..source.clone()
    };
    let copy = create::insert(&mut work, &copy).await?;
    work.audit(entry(&copy, "New Environment created", ChangeType::Create))
        .await?;
    copy_states(&mut work, source, &copy).await?;
    work.audit(entry(&copy, "Environment updated", ChangeType::Update))
        .await?;
    work.commit().await?;
    Ok(copy)
}

async fn copy_states(work: &mut Work<'_>, source: &Environment, copy: &Environment) -> Result<()> {
    let experiments = experiments::list_all(&work.tx, source.id).await?;
    let of_experiment = |state: &FeatureState| {
        experiments
            .iter()
            .any(|experiment| experiment.rollout_segment.map(Line::Segment) == Some(state.line))
    };
    let mut states = feature_states::list(&work.tx, &StateFilter::live(source, work.now)).await?;
    states.retain(|state| !of_experiment(state));
    let mut versions: HashMap<FeatureId, Uuid> = HashMap::new();
    if copy.use_v2_feature_versioning {
        for feature in features::list_all(&work.tx, copy.project).await? {
            let version = create_initial_version(work, copy, &feature).await?;
            versions.insert(feature.id, version);
        }
    }
    for state in &states {
        let version = versions.get(&state.feature).copied();
        copy_state(work, copy, state, version, &experiments).await?;
    }
    Ok(())
}

async fn copy_state(
    work: &Work<'_>,
    copy: &Environment,
    state: &FeatureState,
    version: Option<Uuid>,
    experiments: &[Experiment],
) -> Result<()> {
    let link = match &state.feature_segment {
        Some(link) => {
            let link = FeatureSegment {
                id: FeatureSegmentId(0),
                uuid: work.uuid(),
                environment: copy.id,
                version,
                ..link.clone()
            };
            Some(feature_segments::create(&work.tx, &link).await?.id)
        }
        None => None,
    };
    let new = NewState {
        uuid: work.uuid(),
        feature: state.feature,
        environment: copy.id,
        line: state.line,
        feature_segment: link,
        enabled: state.enabled,
        value: state.value.clone(),
        leftovers: state.leftovers.clone(),
        version,
        salt: Some(state.salt),
    };
    let id = feature_states::create(&work.tx, &new, work.now).await?;
    let saved = saved_shares(state, experiments);
    let shares: Vec<_> = state
        .allocations
        .iter()
        .map(|share| {
            let saved = saved.iter().find(|(option, _)| *option == share.option);
            let percentage = saved.map_or(share.percentage, |(_, percentage)| *percentage);
            (work.uuid(), share.option, percentage)
        })
        .collect();
    Ok(feature_states::put_allocations(&work.tx, id, shares).await?)
}

/// The shares an experiment took from a default to give back: none for other lines.
fn saved_shares<'e>(state: &FeatureState, experiments: &'e [Experiment]) -> &'e [(OptionId, f64)] {
    let holder = experiments.iter().find(|experiment| {
        state.line == Line::Default
            && experiment.feature == state.feature
            && experiment.rollout_segment.is_some()
    });
    holder.map_or(&[], |experiment| &experiment.saved_allocations)
}
