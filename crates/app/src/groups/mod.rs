//! Groups of an organisation (contract, admin API, section 2.3). Who is in one has what it is granted
//! ([`crate::permissions`]). Whoever may manage groups sees all of them; the others see those they administer.

mod crud;
mod members;

pub use crud::{GroupChange, create, delete, find, list, list_mine, summaries, update};
pub use members::{add, change_admin, remove};

use crate::access::OnOrganisation;
use crate::access::grants::OrganisationGrants;
use crate::access::need::Member;
use crate::error::{Error, Result};
use liftgate_model::account::{Group, GroupMember};
use liftgate_model::{GroupId, OrganisationId, OrganisationPermission, OrganisationRole, UserId};
use liftgate_store::{Conn, Tx, groups};

/// A group with who is in it.
#[derive(Debug, Clone)]
pub struct GroupView {
    /// The group.
    pub group: Group,
    /// Who is in it, by user id.
    pub members: Vec<GroupMember>,
}

fn manages(grants: &OrganisationGrants) -> bool {
    grants.has(OrganisationPermission::ManageUserGroups)
}

/// The groups the caller may see and change, by id.
async fn visible(conn: &impl Conn, on: &OnOrganisation<Member>) -> Result<Vec<Group>> {
    if manages(&on.grants) {
        return Ok(groups::list(conn, on.organisation.id).await?);
    }
    let Some(user) = on.actor.user_id() else {
        return Ok(Vec::new());
    };
    let own = groups::list_for_user(conn, on.organisation.id, user).await?;
    let administered = own.into_iter().filter(|(_, is_admin)| *is_admin);
    Ok(administered.map(|(group, _)| group).collect())
}

/// One of those groups; 404 for all others.
async fn load(conn: &impl Conn, on: &OnOrganisation<Member>, id: GroupId) -> Result<Group> {
    let all = visible(conn, on).await?;
    let found = all.into_iter().find(|group| group.id == id);
    found.ok_or_else(|| Error::missing("UserPermissionGroup"))
}

async fn shown(conn: &impl Conn, group: Group) -> Result<GroupView> {
    let members = groups::list_members(conn, &[group.id]).await?;
    Ok(GroupView {
        members: members.into_values().next().unwrap_or_default(),
        group,
    })
}

/// Those of an organisation's groups that are asked for, ascending.
///
/// # Errors
/// The first id that is no group of the organisation.
pub(crate) async fn of_organisation(
    conn: &impl Conn,
    organisation: OrganisationId,
    mut ids: Vec<GroupId>,
) -> Result<std::result::Result<Vec<GroupId>, GroupId>> {
    ids.sort_unstable();
    ids.dedup();
    let known = groups::list_by_ids(conn, &ids).await?;
    let is_known = |id: &GroupId| {
        known
            .iter()
            .any(|group| group.id == *id && group.organisation == organisation)
    };
    Ok(match ids.iter().find(|id| !is_known(id)) {
        Some(unknown) => Err(*unknown),
        None => Ok(ids),
    })
}

/// Takes a new member into the groups they were invited to, and into the default ones unless they are an admin.
pub(crate) async fn welcome(
    tx: &Tx,
    organisation: OrganisationId,
    user: UserId,
    role: OrganisationRole,
    invited_to: &[GroupId],
) -> Result<()> {
    for group in groups::list(tx, organisation).await? {
        let by_default = group.is_default && role == OrganisationRole::User;
        if by_default || invited_to.contains(&group.id) {
            groups::add_members(tx, group.id, &[user]).await?;
        }
    }
    Ok(())
}
