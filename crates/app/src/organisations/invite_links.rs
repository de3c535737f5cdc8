//! Links by which whoever has them may join an organisation.

use crate::App;
use crate::access::OnOrganisation;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::account::InviteLink;
use liftgate_model::{InviteLinkId, OrganisationRole, Timestamp};
use liftgate_store::invite_links;

/// Letters and digits of the secret part of a link; 256 bits.
const SECRET_CHARACTERS: usize = 43;
/// Most links of an organisation.
const LINKS: usize = 100;

/// The links, by id.
pub async fn list_invite_links(app: &App, on: &OnOrganisation<Admin>) -> Result<Vec<InviteLink>> {
    Ok(invite_links::list(&app.store.reader(), on.organisation.id).await?)
}

/// Makes a link.
///
/// # Errors
/// `Invalid` when the organisation has too many of them.
pub async fn create_invite_link(
    app: &App,
    on: &OnOrganisation<Admin>,
    role: OrganisationRole,
    expires_at: Option<Timestamp>,
) -> Result<InviteLink> {
    let tx = app.store.begin().await?;
    if invite_links::list(&tx, on.organisation.id).await?.len() >= LINKS {
        return Err(Error::detail(format!(
            "An organisation has at most {LINKS} invitation links."
        )));
    }
    let link = InviteLink {
        id: InviteLinkId(0),
        hash: app.random.alphanumeric(SECRET_CHARACTERS),
        role,
        organisation: on.organisation.id,
        expires_at,
        created_at: app.clock.now(),
    };
    let link = invite_links::create(&tx, &link).await?;
    tx.commit().await?;
    Ok(link)
}

/// Takes a link back.
///
/// # Errors
/// `NotFound` when the organisation has no such link.
pub async fn delete_invite_link(app: &App, on: &OnOrganisation<Admin>, id: InviteLinkId) -> Result<()> {
    let tx = app.store.begin().await?;
    if !invite_links::delete(&tx, on.organisation.id, id).await? {
        return Err(Error::missing("InviteLink"));
    }
    Ok(tx.commit().await?)
}
