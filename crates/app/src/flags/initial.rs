//! What a feature does in an environment before anybody said so (contract, admin API, section 3.3).

use crate::error::{Error, Result};
use crate::work::Work;
use liftgate_model::environment::Environment;
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_model::feature_state::{FeatureVersion, Line};
use liftgate_model::project::Project;
use liftgate_model::{FlagValue, Leftovers};
use liftgate_store::feature_states::{self, NewState};
use liftgate_store::{feature_versions, options, projects};
use uuid::Uuid;

/// Makes the environment default of every given feature of the environment's project: for a new environment.
///
/// In a versioned environment each gets a first published version around it. No audit record is written.
pub(crate) async fn create_initial_states(
    work: &mut Work<'_>,
    environment: &Environment,
    features: &[Feature],
) -> Result<()> {
    let project = project_of(work, environment).await?;
    let ids: Vec<_> = features.iter().map(|feature| feature.id).collect();
    let mut options = options::list_of(&work.tx, &ids).await?;
    for feature in features {
        let options = options.remove(&feature.id).unwrap_or_default();
        create(work, &project, environment, feature, &options).await?;
    }
    Ok(())
}

/// Makes the environment default of one feature in one environment: for a new feature. `options` are all options of the
/// feature, by id. No audit record is written; the caller says what came into being.
pub(crate) async fn create_initial_state(
    work: &mut Work<'_>,
    environment: &Environment,
    feature: &Feature,
    options: &[MultivariateOption],
) -> Result<()> {
    let project = project_of(work, environment).await?;
    create(work, &project, environment, feature, options).await
}

/// A published version that is in force from now on and was made by nobody in particular.
pub(crate) async fn create_initial_version(
    work: &Work<'_>,
    environment: &Environment,
    feature: &Feature,
) -> Result<Uuid> {
    let version = FeatureVersion {
        uuid: work.uuid(),
        feature: feature.id,
        environment: environment.id,
        published: true,
        live_from: Some(work.now),
        published_by: None,
        created_by: None,
        description: None,
        created_at: work.now,
        updated_at: work.now,
    };
    feature_versions::create(&work.tx, &version).await?;
    Ok(version.uuid)
}

async fn create(
    work: &mut Work<'_>,
    project: &Project,
    environment: &Environment,
    feature: &Feature,
    options: &[MultivariateOption],
) -> Result<()> {
    let version = if environment.use_v2_feature_versioning {
        Some(create_initial_version(work, environment, feature).await?)
    } else {
        None
    };
    let state = NewState {
        uuid: work.uuid(),
        feature: feature.id,
        environment: environment.id,
        line: Line::Default,
        feature_segment: None,
        enabled: feature.default_enabled && !project.prevent_flag_defaults,
        value: FlagValue::from_initial(feature.initial_value.as_deref()),
        leftovers: Leftovers::default(),
        version,
        salt: None,
    };
    let id = feature_states::create(&work.tx, &state, work.now).await?;
    let shares: Vec<_> = options
        .iter()
        .map(|option| (work.uuid(), option.id, option.default_percentage_allocation))
        .collect();
    feature_states::put_allocations(&work.tx, id, shares).await?;
    work.changes(environment.id);
    Ok(())
}

async fn project_of(work: &Work<'_>, environment: &Environment) -> Result<Project> {
    projects::find(&work.tx, environment.project)
        .await?
        .ok_or_else(|| Error::missing("Project"))
}
