//! Invitations to an organisation. The server sends no mail: whoever invites hands the link over.

use crate::App;
use crate::access::OnOrganisation;
use crate::access::need::Admin;
use crate::error::{Error, Invalid, Result};
use crate::groups;
use liftgate_model::account::{Invite, Member};
use liftgate_model::{GroupId, InviteId, OrganisationRole, Page, Slice};
use liftgate_store::{Tx, invites, organisations};
use serde_json::{Value, json};

/// Letters and digits of the secret part of a link; 256 bits.
const SECRET_CHARACTERS: usize = 43;

/// An invitation as it is asked for.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// The address, in any case.
    pub email: String,
    /// The role the new member gets.
    pub role: OrganisationRole,
    /// Groups of the organisation the new member comes into.
    pub groups: Vec<GroupId>,
}

/// An invitation with who invited, if they are still a member.
#[derive(Debug, Clone)]
pub struct InviteView {
    /// The invitation.
    pub invite: Invite,
    /// Who invited.
    pub invited_by: Option<Member>,
}

/// The invitations that are open, by id.
pub async fn list_invites(app: &App, on: &OnOrganisation<Admin>, slice: Slice) -> Result<Page<InviteView>> {
    let reader = app.store.reader();
    let page = invites::list(&reader, on.organisation.id, slice).await?;
    let members = organisations::list_members(&reader, on.organisation.id).await?;
    Ok(page.map(|invite| shown(invite, &members)))
}

/// One invitation.
pub async fn find_invite(app: &App, on: &OnOrganisation<Admin>, id: InviteId) -> Result<InviteView> {
    let reader = app.store.reader();
    let found = invites::find(&reader, on.organisation.id, id).await?;
    let invite = found.ok_or_else(|| Error::missing("Invite"))?;
    let members = organisations::list_members(&reader, on.organisation.id).await?;
    Ok(shown(invite, &members))
}

/// Invites an address.
///
/// # Errors
/// `Invalid` when it was invited before, or a group is unknown.
pub async fn create_invite(app: &App, on: &OnOrganisation<Admin>, new: NewInvite) -> Result<Invite> {
    let tx = app.store.begin().await?;
    let invite = create(app, &tx, on, new).await?;
    tx.commit().await?;
    Ok(invite)
}

/// Invites several addresses, or none of them.
///
/// # Errors
/// `Invalid` when one was invited before: by item for `full`, as one text for `plain`.
pub async fn create_invites(
    app: &App,
    on: &OnOrganisation<Admin>,
    full: Vec<NewInvite>,
    plain: Vec<String>,
) -> Result<Vec<InviteView>> {
    let tx = app.store.begin().await?;
    let mut made = Vec::new();
    let mut faults = Vec::new();
    for new in full {
        match create(app, &tx, on, new).await {
            Ok(invite) => {
                made.push(invite);
                faults.push(json!({}));
            }
            Err(Error::Invalid(Invalid::Fields(fields))) => faults.push(Value::Object(fields)),
            Err(other) => return Err(other),
        }
    }
    if faults.iter().any(|fault| *fault != json!({})) {
        return Err(Error::Invalid(Invalid::Body(json!({"invites": faults}))));
    }
    for email in plain {
        let new = NewInvite {
            email,
            role: OrganisationRole::User,
            groups: Vec::new(),
        };
        let invite = create(app, &tx, on, new).await.map_err(|error| match error {
            Error::Invalid(Invalid::Fields(mut fields)) => {
                let fault = fields.shift_remove("email").unwrap_or_default();
                Error::Invalid(Invalid::Body(json!({"emails": fault})))
            }
            other => other,
        })?;
        made.push(invite);
    }
    let members = organisations::list_members(&tx, on.organisation.id).await?;
    tx.commit().await?;
    Ok(made.into_iter().map(|invite| shown(invite, &members)).collect())
}

/// Takes an invitation back.
pub async fn delete_invite(app: &App, on: &OnOrganisation<Admin>, id: InviteId) -> Result<()> {
    let tx = app.store.begin().await?;
    let found = invites::find(&tx, on.organisation.id, id).await?;
    let invite = found.ok_or_else(|| Error::missing("Invite"))?;
    invites::delete(&tx, invite.id).await?;
    Ok(tx.commit().await?)
}

async fn create(app: &App, tx: &Tx, on: &OnOrganisation<Admin>, new: NewInvite) -> Result<Invite> {
    let organisation = on.organisation.id;
    let email = new.email.to_lowercase();
    if invites::is_invited(tx, &email, Some(organisation)).await? {
        return Err(Error::field(
            "email",
            format!("Invite for email {} already exists", new.email),
        ));
    }
    let groups = groups::of_organisation(tx, organisation, new.groups).await?;
    let groups = groups.map_err(|unknown| Error::unknown_pk("permission_groups", unknown.0))?;
    let invite = Invite {
        id: InviteId(0),
        hash: app.random.alphanumeric(SECRET_CHARACTERS),
        email,
        role: new.role,
        organisation,
        invited_by: on.actor.user_id(),
        groups,
        created_at: app.clock.now(),
    };
    Ok(invites::create(tx, &invite).await?)
}

fn shown(invite: Invite, members: &[Member]) -> InviteView {
    let inviter = members
        .iter()
        .find(|member| Some(member.user.id) == invite.invited_by);
    InviteView {
        invited_by: inviter.cloned(),
        invite,
    }
}
