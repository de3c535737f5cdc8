//! Makes an organisation, a project, environments and keys from a plan. What is there stays as it is, so a plan may be
//! carried out at every start.

use crate::access::OnProject;
use crate::access::need::{Admin, CreateEnvironment, CreateProject};
use crate::accounts::{self, NewUser};
use crate::environments::{self as environment_use_cases, EnvironmentChange, NewEnvironment};
use crate::error::{Error, Result};
use crate::projects::{self as project_use_cases, NewProject, ProjectChange};
use crate::{App, access::Refusal, tokens};
use liftgate_model::account::{Actor, MasterKey, Organisation};
use liftgate_model::environment::EnvironmentKey;
use liftgate_model::{EnvironmentId, EnvironmentKeyId, MasterKeyId, OrganisationRole, Secret};
use liftgate_store::master_keys::NewMasterKey;
use liftgate_store::{environments, master_keys, organisations, projects, users};

/// What is to be there.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The name of the organisation.
    pub organisation: String,
    /// Who administers it.
    pub admin: Option<Administrator>,
    /// A master key of it: eight characters, a point, a secret.
    pub master_key: Option<Secret>,
    /// Its projects.
    pub projects: Vec<Project>,
}

/// An administrator of the organisation.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// Mail address.
    pub email: String,
    /// Password; only used when the account is made.
    pub password: Secret,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Name.
    pub name: String,
    /// Its environments.
    pub environments: Vec<Environment>,
}

/// An environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// The client-side key; without one it is random.
    pub client_key: Option<String>,
    /// Server-side keys, `ser.…`.
    pub server_keys: Vec<Secret>,
    /// Whether its flags are versioned.
    pub versioned: bool,
}

/// Characters of a master key before the point.
const PREFIX_CHARACTERS: usize = 8;
/// Characters of its secret, at least.
const SECRET_CHARACTERS: usize = 32;
/// The name of keys made here.
const KEY_NAME: &str = "bootstrap";

/// Makes what is missing; answers a line for each thing made.
///
/// # Errors
/// `Invalid` when the plan names something impossible; what was made before stays.
pub async fn carry_out(app: &App, plan: Plan) -> Result<Vec<String>> {
    let mut made = Vec::new();
    let organisation = organisation(app, &plan, &mut made).await?;
    let actor = operator(app, &organisation);
    if let Some(key) = &plan.master_key {
        master_key(app, &organisation, key, &mut made).await?;
    }
    for project in plan.projects {
        self::project(app, &actor, &organisation, project, &mut made).await?;
    }
    Ok(made)
}

/// The operator at the command line, who may do everything in the organisation and is nobody in the audit log.
fn operator(app: &App, organisation: &Organisation) -> Actor {
    Actor::MasterKey(MasterKey {
        id: MasterKeyId(0),
        organisation: organisation.id,
        name: KEY_NAME.into(),
        prefix: String::new(),
        hash: String::new(),
        created_at: app.clock.now(),
        created_by: None,
        expires_at: None,
        revoked: false,
        is_admin: true,
    })
}

async fn organisation(app: &App, plan: &Plan, made: &mut Vec<String>) -> Result<Organisation> {
    let known = organisations::find_by_name(&app.store.reader(), &plan.organisation).await?;
    if known.is_none() {
        made.push(format!("Made organisation {}.", plan.organisation));
    }
    if let Some(admin) = &plan.admin {
        administrator(app, &plan.organisation, admin, made).await?;
    } else if known.is_none() {
        let tx = app.store.begin().await?;
        organisations::create(&tx, app.random.uuid(), &plan.organisation, app.clock.now()).await?;
        tx.commit().await?;
    }
    let found = organisations::find_by_name(&app.store.reader(), &plan.organisation).await?;
    found.ok_or_else(|| Error::missing("Organisation"))
}

async fn administrator(
    app: &App,
    organisation: &str,
    admin: &Administrator,
    made: &mut Vec<String>,
) -> Result<()> {
    let email = admin.email.trim().to_lowercase();
    let Some((user, _)) = users::find_by_email(&app.store.reader(), &email).await? else {
        let new = NewUser {
            email: email.clone(),
            password: admin.password.clone(),
            first_name: String::new(),
            last_name: String::new(),
            superuser: true,
            organisation: Some(organisation.to_owned()),
        };
        accounts::create_user(app, new).await?;
        made.push(format!("Made administrator {email}."));
        return Ok(());
    };
    let tx = app.store.begin().await?;
    let found = match organisations::find_by_name(&tx, organisation).await? {
        Some(found) => found,
        None => organisations::create(&tx, app.random.uuid(), organisation, app.clock.now()).await?,
    };
    if organisations::find_role(&tx, found.id, user.id).await?.is_none() {
        organisations::add_member(&tx, found.id, user.id, OrganisationRole::Admin, app.clock.now()).await?;
        made.push(format!("Made {email} an administrator of {organisation}."));
    }
    Ok(tx.commit().await?)
}

async fn master_key(
    app: &App,
    organisation: &Organisation,
    key: &Secret,
    made: &mut Vec<String>,
) -> Result<()> {
    let shape = "A master key has eight letters or digits, a point, and a secret of at least 32 characters.";
    let (prefix, secret) = key
        .expose()
        .split_once('.')
        .ok_or_else(|| Error::field("master_key", shape))?;
    let plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if prefix.len() != PREFIX_CHARACTERS || !plain || secret.len() < SECRET_CHARACTERS {
        return Err(Error::field("master_key", shape));
    }
    if let Some(known) = master_keys::find_by_prefix(&app.store.reader(), prefix).await? {
        let same =
            known.organisation == organisation.id && tokens::equal(&known.hash, &tokens::hash(key.expose()));
        return if same {
            Ok(())
        } else {
            Err(Error::field("master_key", "Another key has this prefix."))
        };
    }
    let row = NewMasterKey {
        organisation: organisation.id,
        name: KEY_NAME,
        prefix,
        hash: &tokens::hash(key.expose()),
        created_by: None,
        expires_at: None,
    };
    let tx = app.store.begin().await?;
    master_keys::create(&tx, row, app.clock.now()).await?;
    tx.commit().await?;
    made.push(format!("Made master key {prefix}."));
    Ok(())
}

async fn project(
    app: &App,
    actor: &Actor,
    organisation: &Organisation,
    plan: Project,
    made: &mut Vec<String>,
) -> Result<()> {
    let all = projects::list(&app.store.reader(), &[organisation.id]).await?;
    let project = match all.into_iter().find(|project| project.name == plan.name) {
        Some(found) => found,
        None => {
            let on = app
                .access()
                .organisation::<CreateProject>(actor, organisation.id)
                .await?;
            made.push(format!("Made project {}.", plan.name));
            let new = NewProject {
                name: plan.name,
                settings: ProjectChange::default(),
            };
            project_use_cases::create(app, &on, new).await?
        }
    };
    for environment in plan.environments {
        let on = app
            .access()
            .project::<CreateEnvironment>(actor, project.id, Refusal::Hide)
            .await?;
        self::environment(app, &on, environment, made).await?;
    }
    Ok(())
}

async fn environment(
    app: &App,
    on: &OnProject<CreateEnvironment>,
    plan: Environment,
    made: &mut Vec<String>,
) -> Result<()> {
    let all = environments::list(&app.store.reader(), on.project.id).await?;
    let environment = match all.into_iter().find(|environment| environment.name == plan.name) {
        Some(found) => found,
        None => {
            let settings = EnvironmentChange {
                api_key: plan.client_key,
                ..EnvironmentChange::default()
            };
            let new = NewEnvironment {
                name: plan.name,
                settings,
            };
            let created = environment_use_cases::create(app, on, new).await?;
            made.push(format!(
                "Made environment {} with client-side key {}.",
                created.name, created.api_key
            ));
            created
        }
    };
    if plan.versioned && !environment.use_v2_feature_versioning {
        let access = app.access();
        let on = access
            .environment::<Admin>(&on.actor, &environment.api_key, Refusal::Hide)
            .await?;
        environment_use_cases::enable_versioning(app, &on).await?;
        made.push(format!("Switched environment {} to versions.", environment.name));
    }
    for key in plan.server_keys {
        server_key(app, environment.id, &key, made).await?;
    }
    Ok(())
}

async fn server_key(
    app: &App,
    environment: EnvironmentId,
    key: &Secret,
    made: &mut Vec<String>,
) -> Result<()> {
    if !key.expose().starts_with("ser.") || key.expose().len() < 20 {
        return Err(Error::field(
            "server_key",
            "A server-side key begins with \"ser.\" and has 20 characters or more.",
        ));
    }
    let mut work = app.begin_as_system().await?;
    let known = environments::list_keys(&work.tx, environment).await?;
    if known.iter().any(|known| known.key == key.expose()) {
        return Ok(());
    }
    let row = EnvironmentKey {
        id: EnvironmentKeyId(0),
        environment,
        key: key.expose().to_owned(),
        name: KEY_NAME.into(),
        active: true,
        created_at: work.now,
        expires_at: None,
    };
    environments::create_key(&work.tx, &row)
        .await
        .map_err(|error| match error {
            liftgate_store::Error::Conflict(_) => {
                Error::field("server_key", "Another environment has this key.")
            }
            other => other.into(),
        })?;
    work.changes(environment);
    work.commit().await?;
    made.push("Made a server-side key.".into());
    Ok(())
}
