//! Joining an organisation.

use crate::App;
use crate::error::{Error, Result};
use crate::groups;
use crate::organisations::OrganisationView;
use liftgate_model::account::User;
use liftgate_model::{GroupId, OrganisationId, OrganisationRole};
use liftgate_store::{Tx, invite_links, invites, organisations};

/// Makes the caller a member of the organisation whose invitation they hold, with its role and groups; the invitation is
/// used up. Who is a member already keeps the role they have.
///
/// # Errors
/// 404 for an unknown secret; `Invalid` when the invitation is for another address.
pub async fn join(app: &App, user: &User, hash: &str) -> Result<OrganisationView> {
    let missing = || Error::missing("Invite");
    let tx = app.store.begin().await?;
    let invite = invites::find_by_hash(&tx, hash).await?.ok_or_else(missing)?;
    if invite.email != user.email {
        return Err(Error::detail("This invitation is for another mail address."));
    }
    let view = enter(
        app,
        &tx,
        user,
        invite.organisation,
        invite.role,
        &invite.groups,
        missing,
    )
    .await?;
    invites::delete(&tx, invite.id).await?;
    tx.commit().await?;
    Ok(view)
}

/// Makes the caller a member of the organisation whose link they hold, with its role; the link stays.
///
/// # Errors
/// 404 for an unknown secret; `Invalid` when the link has expired.
pub async fn join_by_link(app: &App, user: &User, hash: &str) -> Result<OrganisationView> {
    let missing = || Error::missing("InviteLink");
    let tx = app.store.begin().await?;
    let link = invite_links::find_by_hash(&tx, hash).await?.ok_or_else(missing)?;
    if link.expires_at.is_some_and(|end| end <= app.clock.now()) {
        return Err(Error::detail("Invite has expired."));
    }
    let view = enter(app, &tx, user, link.organisation, link.role, &[], missing).await?;
    tx.commit().await?;
    Ok(view)
}

async fn enter(
    app: &App,
    tx: &Tx,
    user: &User,
    id: OrganisationId,
    role: OrganisationRole,
    invited_to: &[GroupId],
    missing: impl Fn() -> Error,
) -> Result<OrganisationView> {
    let organisation = organisations::find(tx, id).await?.ok_or_else(missing)?;
    let role = if let Some(role) = organisations::find_role(tx, id, user.id).await? {
        role
    } else {
        organisations::add_member(tx, id, user.id, role, app.clock.now()).await?;
        groups::welcome(tx, id, user.id, role, invited_to).await?;
        role
    };
    let members = organisations::count_members(tx, id).await?;
    Ok(OrganisationView {
        organisation,
        members,
        role: Some(role),
    })
}
