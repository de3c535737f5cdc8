//! What users are granted on an organisation, a project or an environment (contract, admin API, sections 0.4 and 2.7).

use crate::App;
use crate::access::grants::ProjectGrants;
use crate::access::need::{Admin, ViewEnvironment};
use crate::access::{OnEnvironment, OnOrganisation, OnProject};
use crate::error::{Error, Result};
use liftgate_model::account::{Actor, User};
use liftgate_model::{
    EnvironmentPermission, OrganisationId, OrganisationPermission, ProjectPermission, UserId,
};
use liftgate_store::grants::{self, Grant, Level};
use liftgate_store::{Conn, organisations, users};
use std::collections::HashMap;

/// What one user is granted.
#[derive(Debug, Clone)]
pub struct UserGrant {
    /// Id.
    pub id: i32,
    /// To whom.
    pub user: User,
    /// Whether everything is granted.
    pub is_admin: bool,
    /// Permission keys.
    pub permissions: Vec<String>,
}

/// A grant as it is asked for.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// To whom.
    pub user: UserId,
    /// Whether everything is granted; nothing at an organisation, which has roles for that.
    pub is_admin: bool,
    /// Permission keys.
    pub permissions: Vec<String>,
}

/// What to change about a grant.
#[derive(Debug, Clone)]
pub struct GrantChange {
    /// Whose it is, if that is said; it cannot change.
    pub user: Option<UserId>,
    /// Whether everything is granted; `None` stays.
    pub is_admin: Option<bool>,
    /// Permission keys; they replace those there are.
    pub permissions: Vec<String>,
}

/// A resource whose grants the caller may read.
pub trait Granted: Sync {
    /// Which kind of resource.
    const LEVEL: Level;
    /// Its id.
    fn resource(&self) -> i32;
    /// The organisation whose members may be granted something.
    fn organisation(&self) -> OrganisationId;
    /// Whether there is such a permission on this kind of resource.
    fn knows(key: &str) -> bool;
}

/// A resource whose grants the caller may change.
pub trait Granting: Granted {}

impl Granted for OnOrganisation<Admin> {
    const LEVEL: Level = Level::Organisation;
    fn resource(&self) -> i32 {
        self.organisation.id.0
    }
    fn organisation(&self) -> OrganisationId {
        self.organisation.id
    }
    fn knows(key: &str) -> bool {
        OrganisationPermission::parse(key).is_some()
    }
}

impl Granted for OnProject<Admin> {
    const LEVEL: Level = Level::Project;
    fn resource(&self) -> i32 {
        self.project.id.0
    }
    fn organisation(&self) -> OrganisationId {
        self.project.organisation
    }
    fn knows(key: &str) -> bool {
        ProjectPermission::parse(key).is_some()
    }
}

/// Grants of environments can be read by who sees the environment, and changed by its admins.
macro_rules! granted_environment {
    ($need:ty) => {
        impl Granted for OnEnvironment<$need> {
            const LEVEL: Level = Level::Environment;
            fn resource(&self) -> i32 {
                self.environment.id.0
            }
            fn organisation(&self) -> OrganisationId {
                self.project.organisation
            }
            fn knows(key: &str) -> bool {
                EnvironmentPermission::parse(key).is_some()
            }
        }
    };
}

granted_environment!(ViewEnvironment);
granted_environment!(Admin);

impl Granting for OnOrganisation<Admin> {}
impl Granting for OnProject<Admin> {}
impl Granting for OnEnvironment<Admin> {}

/// The grants on a resource, by id.
pub async fn list<R: Granted>(app: &App, on: &R) -> Result<Vec<UserGrant>> {
    let reader = app.store.reader();
    let granted = grants::list(&reader, R::LEVEL, on.resource()).await?;
    let ids: Vec<UserId> = granted.iter().map(|grant| grant.user).collect();
    let mut people: HashMap<UserId, User> = users::list_by_ids(&reader, &ids)
        .await?
        .into_iter()
        .map(|user| (user.id, user))
        .collect();
    Ok(granted
        .into_iter()
        .filter_map(|grant| people.remove(&grant.user).map(|user| shown(grant, user)))
        .collect())
}

/// The grant with that id.
pub async fn find<R: Granting>(app: &App, on: &R, id: i32) -> Result<UserGrant> {
    find_in(&app.store.reader(), on, id).await
}

/// Grants a member something.
///
/// # Errors
/// `Invalid` for who is not a member, an unknown permission, or a member who has a grant here.
pub async fn create<R: Granting>(app: &App, on: &R, new: NewGrant) -> Result<UserGrant> {
    let tx = app.store.begin().await?;
    let known = match organisations::find_role(&tx, on.organisation(), new.user).await? {
        Some(_) => users::find(&tx, new.user).await?,
        None => None,
    };
    let user = known.ok_or_else(|| unknown("user", &new.user.to_string()))?;
    check::<R>(&new.permissions)?;
    let made = grants::create(
        &tx,
        R::LEVEL,
        on.resource(),
        user.id,
        new.is_admin,
        &new.permissions,
    )
    .await;
    let grant = match made {
        Err(liftgate_store::Error::Conflict(_)) => {
            return Err(Error::non_field(
                "This user has permissions here already; change those.",
            ));
        }
        other => other?,
    };
    tx.commit().await?;
    Ok(shown(grant, user))
}

/// Replaces what a grant gives.
///
/// # Errors
/// `Invalid` for an unknown permission, or another user than the grant's.
pub async fn update<R: Granting>(app: &App, on: &R, id: i32, change: GrantChange) -> Result<UserGrant> {
    let tx = app.store.begin().await?;
    let before = find_in(&tx, on, id).await?;
    if change.user.is_some_and(|user| user != before.user.id) {
        return Err(Error::field(
            "user",
            "The user of existing permissions cannot change.",
        ));
    }
    check::<R>(&change.permissions)?;
    let after = UserGrant {
        is_admin: change.is_admin.unwrap_or(before.is_admin),
        permissions: change.permissions,
        ..before
    };
    let row = Grant {
        id: after.id,
        user: after.user.id,
        resource: on.resource(),
        is_admin: after.is_admin,
        permissions: after.permissions.clone(),
    };
    grants::update(&tx, &row).await?;
    tx.commit().await?;
    Ok(after)
}

/// Takes back what was granted.
pub async fn delete<R: Granting>(app: &App, on: &R, id: i32) -> Result<()> {
    let tx = app.store.begin().await?;
    let grant = find_in(&tx, on, id).await?;
    grants::delete(&tx, grant.id).await?;
    Ok(tx.commit().await?)
}

/// What a member has on a project, however they came by it.
///
/// # Errors
/// 404 for who is not a member.
pub async fn effective(app: &App, on: &OnProject<Admin>, user: UserId) -> Result<ProjectGrants> {
    let reader = app.store.reader();
    let member = organisations::find_role(&reader, on.project.organisation, user).await?;
    let found = match member {
        Some(_) => users::find(&reader, user).await?,
        None => None,
    };
    let user = found.ok_or_else(|| Error::missing("FFAdminUser"))?;
    app.access().project_grants(&Actor::User(user), &on.project).await
}

async fn find_in<R: Granting>(conn: &impl Conn, on: &R, id: i32) -> Result<UserGrant> {
    let missing = || Error::missing(model(R::LEVEL));
    let grant = grants::find_by_id(conn, R::LEVEL, on.resource(), id)
        .await?
        .ok_or_else(missing)?;
    let user = users::find(conn, grant.user).await?.ok_or_else(missing)?;
    Ok(shown(grant, user))
}

/// What a grant is called in a 404.
fn model(level: Level) -> &'static str {
    match level {
        Level::Organisation => "UserOrganisationPermission",
        Level::Project => "UserProjectPermission",
        Level::Environment => "UserEnvironmentPermission",
    }
}

/// Refuses permissions that there are not on this kind of resource.
pub(crate) fn check<R: Granted>(permissions: &[String]) -> Result<()> {
    match permissions.iter().find(|key| !R::knows(key)) {
        Some(key) => Err(unknown("permissions", key)),
        None => Ok(()),
    }
}

fn unknown(field: &str, key: &str) -> Error {
    Error::field(field, format!("Invalid pk \"{key}\" - object does not exist."))
}

fn shown(grant: Grant, user: User) -> UserGrant {
    UserGrant {
        id: grant.id,
        user,
        is_admin: grant.is_admin,
        permissions: grant.permissions,
    }
}
