//! Makes environments.

use super::{EnvironmentChange, KEY_CHARACTERS, check, entry};
use crate::App;
use crate::access::OnProject;
use crate::access::need::CreateEnvironment;
use crate::error::Result;
use crate::flags::create_initial_states;
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::{EnvironmentId, ProjectId};
use liftgate_store::grants::{self, Level};
use liftgate_store::{environments, features};

/// An environment as it is asked for.
#[derive(Debug, Clone)]
pub struct NewEnvironment {
    /// Name, unique in the project.
    pub name: String,
    /// Everything else; what is `None` gets the contract's default.
    pub settings: EnvironmentChange,
}

/// Makes an environment, where every feature begins as its defaults say; a person becomes its admin.
///
/// # Errors
/// `Invalid` when the project has one of that name, or the client-side key is taken.
pub async fn create(
    app: &App,
    on: &OnProject<CreateEnvironment>,
    new: NewEnvironment,
) -> Result<Environment> {
    let mut work = app.begin(&on.actor).await?;
    let mut environment = blank(&work, on.project.id, new.name);
    new.settings.apply(&mut environment);
    let environment = insert(&mut work, &environment).await?;
    let features = features::list_all(&work.tx, environment.project).await?;
    create_initial_states(&mut work, &environment, &features).await?;
    work.audit(entry(&environment, "New Environment created", ChangeType::Create))
        .await?;
    work.commit().await?;
    Ok(environment)
}

/// An environment with the contract's defaults and a key of its own.
fn blank(work: &Work<'_>, project: ProjectId, name: String) -> Environment {
    Environment {
        id: EnvironmentId(0),
        uuid: work.uuid(),
        name,
        api_key: work.app.random.alphanumeric(KEY_CHARACTERS),
        description: None,
        project,
        minimum_change_request_approvals: None,
        allow_client_traits: true,
        banner_text: None,
        banner_colour: None,
        hide_disabled_flags: None,
        hide_sensitive_data: false,
        use_identity_composite_key_for_hashing: true,
        use_v2_feature_versioning: false,
        use_identity_overrides_in_local_eval: true,
        created_at: work.now,
        updated_at: work.now,
        revision: 0,
    }
}

/// Stores an environment and makes whoever acts its admin.
pub(super) async fn insert(work: &mut Work<'_>, environment: &Environment) -> Result<Environment> {
    check(&work.tx, environment).await?;
    let made = environments::create(&work.tx, environment).await?;
    if let Some(user) = work.user_id() {
        grants::create(&work.tx, Level::Environment, made.id.0, user, true, &[]).await?;
    }
    work.changes(made.id);
    Ok(made)
}
