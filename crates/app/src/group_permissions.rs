//! What groups are granted on an organisation, a project or an environment, for whoever is in them (contract, admin API,
//! section 2.7). The resources are those of [`crate::permissions`].

use crate::App;
use crate::error::{Error, Result};
use crate::permissions::{Granted, Granting, check};
use liftgate_model::account::Group;
use liftgate_model::{GroupId, UserId};
use liftgate_store::grants::Level;
use liftgate_store::group_grants::{self, GroupGrant};
use liftgate_store::{Conn, groups};
use std::collections::HashMap;

/// What one group is granted.
#[derive(Debug, Clone)]
pub struct GroupGrantView {
    /// Id.
    pub id: i32,
    /// To which group.
    pub group: Group,
    /// Who is in it, ascending.
    pub members: Vec<UserId>,
    /// Whether everything is granted.
    pub is_admin: bool,
    /// Permission keys.
    pub permissions: Vec<String>,
}

/// A grant as it is asked for.
#[derive(Debug, Clone)]
pub struct NewGroupGrant {
    /// To which group.
    pub group: GroupId,
    /// Whether everything is granted; nothing at an organisation, which has roles for that.
    pub is_admin: bool,
    /// Permission keys.
    pub permissions: Vec<String>,
}

/// What to change about a grant.
#[derive(Debug, Clone)]
pub struct GroupGrantChange {
    /// Whose it is, if that is said; it cannot change.
    pub group: Option<GroupId>,
    /// Whether everything is granted; `None` stays.
    pub is_admin: Option<bool>,
    /// Permission keys; they replace those there are.
    pub permissions: Vec<String>,
}

/// The grants on a resource, by id.
pub async fn list<R: Granted>(app: &App, on: &R) -> Result<Vec<GroupGrantView>> {
    let reader = app.store.reader();
    let granted = group_grants::list(&reader, R::LEVEL, on.resource()).await?;
    shown(&reader, granted).await
}

/// The grant with that id.
pub async fn find<R: Granting>(app: &App, on: &R, id: i32) -> Result<GroupGrantView> {
    find_in(&app.store.reader(), on, id).await
}

/// Grants a group something.
///
/// # Errors
/// `Invalid` for a group of another organisation, an unknown permission, or a group that has a grant here.
pub async fn create<R: Granting>(app: &App, on: &R, new: NewGroupGrant) -> Result<GroupGrantView> {
    let tx = app.store.begin().await?;
    let known = groups::list_by_ids(&tx, &[new.group]).await?;
    if !known.iter().any(|group| group.organisation == on.organisation()) {
        return Err(Error::unknown_pk("group", new.group.0));
    }
    check::<R>(&new.permissions)?;
    let made = group_grants::create(
        &tx,
        R::LEVEL,
        on.resource(),
        new.group,
        new.is_admin,
        &new.permissions,
    )
    .await;
    let grant = match made {
        Err(liftgate_store::Error::Conflict(_)) => {
            return Err(Error::non_field(
                "This group has permissions here already; change those.",
            ));
        }
        other => other?,
    };
    let view = one::<R>(&tx, grant).await?;
    tx.commit().await?;
    Ok(view)
}

/// Replaces what a grant gives.
///
/// # Errors
/// `Invalid` for an unknown permission, or another group than the grant's.
pub async fn update<R: Granting>(
    app: &App,
    on: &R,
    id: i32,
    change: GroupGrantChange,
) -> Result<GroupGrantView> {
    let tx = app.store.begin().await?;
    let before = find_in(&tx, on, id).await?;
    if change.group.is_some_and(|group| group != before.group.id) {
        return Err(Error::field(
            "group",
            "The group of existing permissions cannot change.",
        ));
    }
    check::<R>(&change.permissions)?;
    let after = GroupGrantView {
        is_admin: change.is_admin.unwrap_or(before.is_admin),
        permissions: change.permissions,
        ..before
    };
    let row = GroupGrant {
        id: after.id,
        group: after.group.id,
        resource: on.resource(),
        is_admin: after.is_admin,
        permissions: after.permissions.clone(),
    };
    group_grants::update(&tx, &row).await?;
    tx.commit().await?;
    Ok(after)
}

/// Takes back what was granted.
pub async fn delete<R: Granting>(app: &App, on: &R, id: i32) -> Result<()> {
    let tx = app.store.begin().await?;
    let grant = find_in(&tx, on, id).await?;
    group_grants::delete(&tx, grant.id).await?;
    Ok(tx.commit().await?)
}

async fn find_in<R: Granting>(conn: &impl Conn, on: &R, id: i32) -> Result<GroupGrantView> {
    let found = group_grants::find(conn, R::LEVEL, on.resource(), id).await?;
    let grant = found.ok_or_else(|| Error::missing(model(R::LEVEL)))?;
    one::<R>(conn, grant).await
}

async fn one<R: Granted>(conn: &impl Conn, grant: GroupGrant) -> Result<GroupGrantView> {
    let shown = shown(conn, vec![grant]).await?.pop();
    shown.ok_or_else(|| Error::missing(model(R::LEVEL)))
}

async fn shown(conn: &impl Conn, granted: Vec<GroupGrant>) -> Result<Vec<GroupGrantView>> {
    let ids: Vec<GroupId> = granted.iter().map(|grant| grant.group).collect();
    let known: HashMap<GroupId, Group> = groups::list_by_ids(conn, &ids)
        .await?
        .into_iter()
        .map(|group| (group.id, group))
        .collect();
    let members = groups::list_members(conn, &ids).await?;
    let members_of = |group: GroupId| {
        let of = members.get(&group).into_iter().flatten();
        of.map(|member| member.user.id).collect()
    };
    Ok(granted
        .into_iter()
        .filter_map(|grant| {
            Some(GroupGrantView {
                id: grant.id,
                group: known.get(&grant.group)?.clone(),
                members: members_of(grant.group),
                is_admin: grant.is_admin,
                permissions: grant.permissions,
            })
        })
        .collect())
}

/// What a grant is called in a 404.
fn model(level: Level) -> &'static str {
    match level {
        Level::Organisation => "UserPermissionGroupOrganisationPermission",
        Level::Project => "UserPermissionGroupProjectPermission",
        Level::Environment => "UserPermissionGroupEnvironmentPermission",
    }
}
