//! Who is in a group.

use super::{GroupView, load, shown};
use crate::App;
use crate::access::OnOrganisation;
use crate::access::need::{Admin, Member};
use crate::error::{Error, Result};
use liftgate_model::{GroupId, OrganisationId, UserId};
use liftgate_store::{Conn, groups, organisations};

/// Takes members of the organisation into a group.
///
/// # Errors
/// `NotFound` for a group the caller may not manage; `Forbidden` for who adds themselves without administering the
/// organisation; `Invalid` when one of the people is no member.
pub async fn add(
    app: &App,
    on: &OnOrganisation<Member>,
    id: GroupId,
    people: &[UserId],
) -> Result<GroupView> {
    let tx = app.store.begin().await?;
    let group = load(&tx, on, id).await?;
    refuse_oneself(on, people, "Non-admin users cannot add themselves to a group.")?;
    check_members(&tx, on.organisation.id, people).await?;
    groups::add_members(&tx, group.id, people).await?;
    let view = shown(&tx, group).await?;
    tx.commit().await?;
    Ok(view)
}

/// Takes people out of a group.
///
/// # Errors
/// As [`add`].
pub async fn remove(
    app: &App,
    on: &OnOrganisation<Member>,
    id: GroupId,
    people: &[UserId],
) -> Result<GroupView> {
    let tx = app.store.begin().await?;
    let group = load(&tx, on, id).await?;
    refuse_oneself(
        on,
        people,
        "Non-admin users cannot remove themselves from a group.",
    )?;
    check_members(&tx, on.organisation.id, people).await?;
    groups::remove_members(&tx, group.id, people).await?;
    let view = shown(&tx, group).await?;
    tx.commit().await?;
    Ok(view)
}

/// Makes somebody in a group its admin, or takes that back.
///
/// # Errors
/// `NotFound` for an unknown group, or who is not in it.
pub async fn change_admin(
    app: &App,
    on: &OnOrganisation<Admin>,
    id: GroupId,
    user: UserId,
    is_admin: bool,
) -> Result<()> {
    let tx = app.store.begin().await?;
    let known = groups::list_by_ids(&tx, &[id]).await?;
    if !known.iter().any(|group| group.organisation == on.organisation.id) {
        return Err(Error::missing("UserPermissionGroup"));
    }
    if !groups::update_admin(&tx, id, user, is_admin).await? {
        return Err(Error::missing("FFAdminUser"));
    }
    Ok(tx.commit().await?)
}

fn refuse_oneself(on: &OnOrganisation<Member>, people: &[UserId], detail: &str) -> Result<()> {
    let named = on.actor.user_id().is_some_and(|user| people.contains(&user));
    if named && !on.grants.is_admin {
        return Err(Error::Forbidden(Some(detail.to_owned())));
    }
    Ok(())
}

async fn check_members(conn: &impl Conn, organisation: OrganisationId, people: &[UserId]) -> Result<()> {
    let members = organisations::list_members(conn, organisation).await?;
    let is_member = |id: &UserId| members.iter().any(|member| member.user.id == *id);
    if people.iter().all(is_member) {
        return Ok(());
    }
    Err(Error::detail("Some users not found in organisation."))
}
