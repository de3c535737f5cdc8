//! Where a member's permissions come from: what they were granted themselves, and what through which groups (contract,
//! admin API, section 2.1).

use crate::App;
use crate::access::need::{Member, ViewEnvironment, ViewProject};
use crate::access::{OnEnvironment, OnOrganisation, OnProject};
use crate::error::{Error, Result};
use liftgate_model::account::{Actor, Group};
use liftgate_model::{
    EnvironmentPermission, GroupId, OrganisationId, OrganisationPermission, OrganisationRole,
    ProjectPermission, UserId,
};
use liftgate_store::grants::{self, Level};
use liftgate_store::{Conn, group_grants, groups, organisations};

/// Where one thing comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Whether it was granted to the member, by a role or a grant of their own.
    pub is_direct: bool,
    /// The groups it was granted to, by id.
    pub groups: Vec<Group>,
}

impl Origin {
    fn is_there(&self) -> bool {
        self.is_direct || !self.groups.is_empty()
    }

    fn add(&mut self, group: Option<&Group>) {
        match group {
            None => self.is_direct = true,
            Some(group) if self.groups.iter().any(|known| known.id == group.id) => {}
            Some(group) => {
                self.groups.push(group.clone());
                self.groups.sort_by_key(|group| group.id);
            }
        }
    }
}

/// What a member has on a resource, and where it comes from.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Whether they administer it.
    pub is_admin: bool,
    /// Where that comes from.
    pub origin: Origin,
    /// Permission keys, in the order of the API; none for who administers the resource, and so has all.
    pub permissions: Vec<(&'static str, Origin)>,
}

/// What a member has on the organisation.
///
/// # Errors
/// `Forbidden` for who asks about others without administering it; 404 for who is not a member.
pub async fn on_organisation(app: &App, on: &OnOrganisation<Member>, user: UserId) -> Result<Details> {
    check(&on.actor, user, on.grants.is_admin)?;
    let keys: Vec<_> = OrganisationPermission::ALL
        .iter()
        .map(|permission| permission.key())
        .collect();
    let levels = [(Level::Organisation, on.organisation.id.0)];
    of(app, on.organisation.id, &levels, user, &keys).await
}

/// What a member has on the project.
///
/// # Errors
/// As [`on_organisation`].
pub async fn on_project(app: &App, on: &OnProject<ViewProject>, user: UserId) -> Result<Details> {
    check(&on.actor, user, on.grants.is_admin)?;
    let keys: Vec<_> = ProjectPermission::ALL
        .iter()
        .map(|permission| permission.key())
        .collect();
    let levels = [(Level::Project, on.project.id.0)];
    of(app, on.project.organisation, &levels, user, &keys).await
}

/// What a member has on the environment.
///
/// # Errors
/// As [`on_organisation`].
pub async fn on_environment(app: &App, on: &OnEnvironment<ViewEnvironment>, user: UserId) -> Result<Details> {
    check(&on.actor, user, on.grants.is_admin)?;
    let keys: Vec<_> = EnvironmentPermission::ALL
        .iter()
        .map(|permission| permission.key())
        .collect();
    let levels = [
        (Level::Environment, on.environment.id.0),
        (Level::Project, on.project.id.0),
    ];
    of(app, on.project.organisation, &levels, user, &keys).await
}

fn check(actor: &Actor, user: UserId, administers: bool) -> Result<()> {
    if administers || actor.user_id() == Some(user) {
        Ok(())
    } else {
        Err(Error::forbidden())
    }
}

/// Permissions of the first resource; who administers any of the resources, or the organisation, administers it.
async fn of(
    app: &App,
    organisation: OrganisationId,
    resources: &[(Level, i32)],
    user: UserId,
    keys: &[&'static str],
) -> Result<Details> {
    let reader = app.store.reader();
    let role = organisations::find_role(&reader, organisation, user).await?;
    let role = role.ok_or_else(|| Error::missing("FFAdminUser"))?;
    let mut admin = Origin::default();
    if role == OrganisationRole::Admin {
        admin.add(None);
    }
    let mut permissions: Vec<(&'static str, Origin)> =
        keys.iter().map(|key| (*key, Origin::default())).collect();
    for (index, (level, resource)) in resources.iter().enumerate() {
        for (group, is_admin, granted) in granted(&reader, *level, *resource, user).await? {
            if is_admin {
                admin.add(group.as_ref());
            }
            for (key, origin) in permissions.iter_mut().filter(|_| index == 0) {
                if granted.iter().any(|granted| granted == key) {
                    origin.add(group.as_ref());
                }
            }
        }
    }
    let is_admin = admin.is_there();
    permissions.retain(|(_, origin)| !is_admin && origin.is_there());
    Ok(Details {
        is_admin,
        origin: admin,
        permissions,
    })
}

/// What was granted to a user on one resource: to which group, or to themselves; whether everything; and the keys.
async fn granted(
    conn: &impl Conn,
    level: Level,
    resource: i32,
    user: UserId,
) -> Result<Vec<(Option<Group>, bool, Vec<String>)>> {
    let own = grants::find(conn, level, resource, user).await?;
    let through = group_grants::list_for_user(conn, level, Some(resource), user).await?;
    let ids: Vec<GroupId> = through.iter().map(|grant| grant.group).collect();
    let known = groups::list_by_ids(conn, &ids).await?;
    let named = |id: GroupId| known.iter().find(|group| group.id == id).cloned();
    Ok(own
        .into_iter()
        .map(|grant| (None, grant.is_admin, grant.permissions))
        .chain(through.into_iter().filter_map(|grant| {
            let group = named(grant.group)?;
            Some((Some(group), grant.is_admin, grant.permissions))
        }))
        .collect())
}
