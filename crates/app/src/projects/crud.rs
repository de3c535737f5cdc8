//! Making, changing, listing and deleting projects.

use crate::App;
use crate::access::need::{Admin, CreateProject, Member};
use crate::access::{OnOrganisation, OnProject};
use crate::environments as use_cases;
use crate::error::{Error, Result};
use crate::work::Work;
use liftgate_model::account::Actor;
use liftgate_model::environment::Environment;
use liftgate_model::project::Project;
use liftgate_model::{OrganisationId, ProjectId};
use liftgate_store::grants::{self, Level};
use liftgate_store::{environments, features, projects, segments};
use uuid::Uuid;

/// A project as it is asked for.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Name, unique in the organisation.
    pub name: String,
    /// Everything else; what is `None` gets the contract's default.
    pub settings: ProjectChange,
}

/// What to change about a project. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    /// Name, unique in the organisation.
    pub name: Option<String>,
    /// Whether disabled flags are left out of SDK answers.
    pub hide_disabled_flags: Option<bool>,
    /// Whether new feature states ignore the feature's default.
    pub prevent_flag_defaults: Option<bool>,
    /// Whether realtime messages are sent.
    pub enable_realtime_updates: Option<bool>,
    /// A hint to user interfaces.
    pub only_allow_lower_case_feature_names: Option<bool>,
    /// What feature names must match, as a whole; the inner `None` empties it.
    pub feature_name_regex: Option<Option<String>>,
    /// Days without a change after which a flag counts as stale.
    pub stale_flags_limit_days: Option<i32>,
    /// Approvals a project change request needs; the inner `None` turns change requests off.
    pub minimum_change_request_approvals: Option<Option<i32>>,
    /// Whether a feature needs an owner.
    pub enforce_feature_owners: Option<bool>,
}

/// How much is in a project.
#[derive(Debug, Clone, Copy)]
pub struct ProjectTotals {
    /// Features.
    pub features: u64,
    /// Segments, system segments included.
    pub segments: u64,
}

impl ProjectChange {
    /// Applies it.
    ///
    /// # Errors
    /// `Invalid` when the pattern for names is none.
    fn apply(self, project: &mut Project) -> Result<()> {
        if let Some(Some(pattern)) = &self.feature_name_regex
            && regex::Regex::new(&format!("^{pattern}$")).is_err()
        {
            return Err(Error::field(
                "feature_name_regex",
                "This is not a regular expression.",
            ));
        }
        let set = |field: &mut bool, value: Option<bool>| *field = value.unwrap_or(*field);
        set(&mut project.hide_disabled_flags, self.hide_disabled_flags);
        set(&mut project.prevent_flag_defaults, self.prevent_flag_defaults);
        set(&mut project.enable_realtime_updates, self.enable_realtime_updates);
        set(
            &mut project.only_allow_lower_case_feature_names,
            self.only_allow_lower_case_feature_names,
        );
        set(&mut project.enforce_feature_owners, self.enforce_feature_owners);
        if let Some(name) = self.name {
            project.name = name;
        }
        if let Some(pattern) = self.feature_name_regex {
            project.feature_name_regex = pattern;
        }
        if let Some(days) = self.stale_flags_limit_days {
            project.stale_flags_limit_days = days;
        }
        if let Some(approvals) = self.minimum_change_request_approvals {
            project.minimum_change_request_approvals = approvals;
        }
        Ok(())
    }
}

/// The projects the caller may see, by id.
pub async fn list(
    app: &App,
    actor: &Actor,
    organisation: Option<OrganisationId>,
    uuid: Option<Uuid>,
) -> Result<Vec<Project>> {
    let mut visible = app.access().visible_projects(actor, organisation).await?;
    visible.retain(|project| uuid.is_none_or(|uuid| uuid == project.uuid));
    Ok(visible)
}

/// The projects of an organisation that the caller may see, by id.
pub async fn of_organisation(app: &App, on: &OnOrganisation<Member>) -> Result<Vec<Project>> {
    list(app, &on.actor, Some(on.organisation.id), None).await
}

/// Makes a project; a person becomes its admin.
///
/// # Errors
/// `Forbidden` when the organisation leaves that to its admins; `Invalid` when it has one of that name.
pub async fn create(app: &App, on: &OnOrganisation<CreateProject>, new: NewProject) -> Result<Project> {
    if on.organisation.restrict_project_create_to_admin && !on.grants.is_admin {
        return Err(Error::forbidden());
    }
    let work = app.begin(&on.actor).await?;
    let mut project = Project {
        id: ProjectId(0),
        uuid: work.uuid(),
        name: new.name,
        organisation: on.organisation.id,
        hide_disabled_flags: false,
        prevent_flag_defaults: false,
        enable_realtime_updates: false,
        only_allow_lower_case_feature_names: true,
        feature_name_regex: None,
        stale_flags_limit_days: 30,
        minimum_change_request_approvals: None,
        enforce_feature_owners: false,
        created_at: work.now,
    };
    new.settings.apply(&mut project)?;
    let project = projects::create(&work.tx, &project).await.map_err(taken)?;
    if let Some(user) = work.user_id() {
        grants::create(&work.tx, Level::Project, project.id.0, user, true, &[]).await?;
    }
    work.commit().await?;
    Ok(project)
}

/// Changes a project. SDK answers name it and follow its settings, so those of its environments change along.
///
/// # Errors
/// `Invalid` when the organisation has another one of that name.
pub async fn update(app: &App, on: &OnProject<Admin>, change: ProjectChange) -> Result<Project> {
    let mut work = app.begin(&on.actor).await?;
    let found = projects::find(&work.tx, on.project.id).await?;
    let mut project = found.ok_or_else(|| Error::missing("Project"))?;
    change.apply(&mut project)?;
    projects::update(&work.tx, &project).await.map_err(taken)?;
    work.changes_project(project.id).await?;
    work.commit().await?;
    Ok(project)
}

/// Deletes a project with its environments.
pub async fn delete(app: &App, on: &OnProject<Admin>) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    remove(&mut work, on.project.id).await?;
    work.commit().await
}

/// Soft-deletes a project and its environments inside a unit of work.
pub(crate) async fn remove(work: &mut Work<'_>, id: ProjectId) -> Result<()> {
    for environment in environments::list(&work.tx, id).await? {
        use_cases::remove(work, &environment).await?;
    }
    projects::delete(&work.tx, id, work.now).await?;
    Ok(())
}

/// The environments of a project, by id.
pub async fn environments(app: &App, on: &OnProject<Admin>) -> Result<Vec<Environment>> {
    Ok(environments::list(&app.store.reader(), on.project.id).await?)
}

/// How much is in a project.
pub async fn totals<N>(app: &App, on: &OnProject<N>) -> Result<ProjectTotals> {
    let reader = app.store.reader();
    Ok(ProjectTotals {
        features: features::count(&reader, on.project.id).await?,
        segments: segments::count(&reader, on.project.id).await?,
    })
}

fn taken(error: liftgate_store::Error) -> Error {
    match error {
        liftgate_store::Error::Conflict(_) => Error::non_field("A project with this name already exists."),
        other => other.into(),
    }
}
