//! Joining an organisation.

use crate::App;
use crate::error::{Error, Result};
use crate::organisations::OrganisationView;
use liftgate_model::account::User;
use liftgate_store::{invites, organisations};

/// Makes the caller a member of the organisation whose invitation they hold, with its role; the invitation is used up.
/// Who is a member already keeps the role they have.
///
/// # Errors
/// 404 for an unknown secret; `Invalid` when the invitation is for another address.
pub async fn join(app: &App, user: &User, hash: &str) -> Result<OrganisationView> {
    let missing = || Error::missing("Invite");
    let tx = app.store.begin().await?;
    let invite = invites::find_by_hash(&tx, hash).await?.ok_or_else(missing)?;
    let organisation = organisations::find(&tx, invite.organisation).await?;
    let organisation = organisation.ok_or_else(missing)?;
    if invite.email != user.email {
        return Err(Error::detail("This invitation is for another mail address."));
    }
    let role = if let Some(role) = organisations::find_role(&tx, organisation.id, user.id).await? {
        role
    } else {
        organisations::add_member(&tx, organisation.id, user.id, invite.role, app.clock.now()).await?;
        invite.role
    };
    invites::delete(&tx, invite.id).await?;
    let members = organisations::count_members(&tx, organisation.id).await?;
    tx.commit().await?;
    Ok(OrganisationView {
        organisation,
        members,
        role: Some(role),
    })
}
