//! Makes a feature, with its first state in every environment.

use super::view::{self, FeatureView};
use super::{check_tags, entry, name, owners};
use crate::App;
use crate::access::OnProject;
use crate::access::need::CreateFeature;
use crate::error::{Error, Invalid, Result};
use crate::flags::{Subject, ValueEdit, create_initial_state, exceed_whole};
use crate::options;
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::feature::{Feature, FeatureType, MultivariateOption};
use liftgate_model::project::Project;
use liftgate_model::{FeatureId, FlagValue, GroupId, OptionId, TagId, UserId};
use liftgate_store::{environments, features};
use serde_json::{Map, Value};

/// A feature as it is asked for.
#[derive(Debug, Clone)]
pub struct NewFeature {
    /// Name, at most 2,000 characters; unique in the project in any case, and as the project's pattern says.
    pub name: String,
    /// Standard or multivariate; options make it multivariate.
    pub kind: FeatureType,
    /// The text its states start from.
    pub initial_value: Option<String>,
    /// Whether its states start enabled.
    pub default_enabled: bool,
    /// Free text.
    pub description: Option<String>,
    /// Archived from the start.
    pub is_archived: bool,
    /// Whether client-side keys never see it.
    pub is_server_key_only: bool,
    /// Tags of the project.
    pub tags: Vec<TagId>,
    /// People who see the project; without any owner, who makes it.
    pub owners: Vec<UserId>,
    /// Groups of the organisation.
    pub group_owners: Vec<GroupId>,
    /// Its options; only project admins may give any.
    pub options: Vec<NewFeatureOption>,
}

/// An option of a new feature. Keys are given later.
#[derive(Debug, Clone)]
pub struct NewFeatureOption {
    /// The value.
    pub value: ValueEdit,
    /// The share its states start from, 0 to 100.
    pub default_percentage_allocation: f64,
}

/// Makes a feature.
///
/// # Errors
/// `Forbidden` when options are given and the caller does not administer the project; `Invalid` by field.
pub async fn create(app: &App, on: &OnProject<CreateFeature>, new: NewFeature) -> Result<FeatureView> {
    if !new.options.is_empty() && !on.grants.is_admin {
        return Err(options::admins_only());
    }
    let mut work = app.begin(&on.actor).await?;
    let project = &on.project;
    check(app, &work, project, &new).await?;
    let tags = check_tags(&work.tx, project.id, new.tags).await?;
    if project.enforce_feature_owners && new.owners.is_empty() && new.group_owners.is_empty() {
        return Err(Error::non_field(
            "This project requires at least one owner or group owner when creating a feature.",
        ));
    }
    let mut group_owners = new.group_owners;
    group_owners.sort_unstable();
    group_owners.dedup();
    let mut owners = new.owners;
    if owners.is_empty() && group_owners.is_empty() {
        owners.extend(work.user_id());
    }
    owners.sort_unstable();
    owners.dedup();
    let feature = Feature {
        id: FeatureId(0),
        uuid: work.uuid(),
        project: project.id,
        name: new.name,
        kind: if new.options.is_empty() {
            new.kind
        } else {
            FeatureType::Multivariate
        },
        initial_value: new.initial_value,
        default_enabled: new.default_enabled,
        description: new.description,
        is_archived: new.is_archived,
        is_server_key_only: new.is_server_key_only,
        created_at: work.now,
        tags,
        owners,
        group_owners,
    };
    let feature = match features::create(&work.tx, &feature).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(Error::field("name", name::TAKEN)),
        other => other?,
    };
    let log = Subject::Default.created(&feature.name);
    work.audit(entry(&feature, log, ChangeType::Create)).await?;
    let mut all = Vec::new();
    for option in new.options {
        all.push(create_option(&work, &feature, option).await?);
    }
    create_states(&mut work, &feature, &all).await?;
    for _ in &all {
        work.audit(options::added(&feature)).await?;
    }
    let shown = view::one(&work.tx, feature, None).await?;
    work.commit().await?;
    Ok(shown)
}

/// Refuses what cannot be, field by field.
async fn check(app: &App, work: &Work<'_>, project: &Project, new: &NewFeature) -> Result<()> {
    let mut faults: Map<String, Value> = Map::new();
    let mut note = |outcome: Result<()>| match outcome {
        Err(Error::Invalid(Invalid::Fields(fields))) => {
            faults.extend(fields);
            Ok(())
        }
        other => other,
    };
    note(name::check(project, &new.name))?;
    if features::find_by_name(&work.tx, project.id, &new.name)
        .await?
        .is_some()
    {
        note(Err(Error::field("name", name::TAKEN)))?;
    }
    note(owners::check(app, &work.tx, project, &new.owners).await)?;
    note(owners::check_groups(&work.tx, project, &new.group_owners).await)?;
    if exceed_whole(
        new.options
            .iter()
            .map(|option| option.default_percentage_allocation),
    ) {
        note(Err(Error::field("multivariate_options", options::TOO_MUCH)))?;
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(Invalid::Fields(faults)))
    }
}

async fn create_option(
    work: &Work<'_>,
    feature: &Feature,
    new: NewFeatureOption,
) -> Result<MultivariateOption> {
    let option = MultivariateOption {
        id: OptionId(0),
        uuid: work.uuid(),
        feature: feature.id,
        key: None,
        value: new.value.over(&FlagValue::Null),
        default_percentage_allocation: new.default_percentage_allocation,
    };
    Ok(liftgate_store::options::create(&work.tx, &option).await?)
}

/// Makes the first state in every environment, with an audit record where there is no version to tell of it.
async fn create_states(work: &mut Work<'_>, feature: &Feature, options: &[MultivariateOption]) -> Result<()> {
    for environment in environments::list(&work.tx, feature.project).await? {
        create_initial_state(work, &environment, feature, options).await?;
        if !environment.use_v2_feature_versioning {
            let entry = Entry::in_environment(
                Subject::Default.created(&feature.name),
                feature.project,
                environment.id,
                RelatedObject::FeatureState,
                feature.id.0,
                ChangeType::Create,
            );
            work.audit(entry).await?;
        }
    }
    Ok(())
}
