//! Links by which whoever has them may join the organisation.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, organisations};
use liftgate_model::account::InviteLink;
use liftgate_model::{InviteLinkId, OrganisationRole, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::PrivilegedOrganisation;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse};
use crate::reply::{Created, NoContent, Reply};

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrganisationInviteLink)]
pub struct InviteLinkBody {
    id: i32,
    /// The secret: `/api/v1/users/join/link/{hash}/` takes it.
    hash: String,
    #[schema(value_type = String, format = DateTime)]
    date_created: Timestamp,
    /// `ADMIN` or `USER`.
    role: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<InviteLink> for InviteLinkBody {
    fn from(link: InviteLink) -> Self {
        Self {
            id: link.id.0,
            hash: link.hash,
            date_created: link.created_at,
            role: link.role.as_str(),
            expires_at: link.expires_at,
        }
    }
}

/// A new link.
#[derive(Debug, ToSchema)]
#[schema(as = NewOrganisationInviteLink)]
pub struct InviteLinkInput {
    /// `ADMIN` or `USER`, which is the default.
    #[schema(value_type = Option<String>)]
    role: OrganisationRole,
    /// Until when it works; without it, until it is taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl Parse for InviteLinkInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let role = form
            .choice("role", OrganisationRole::parse)
            .or(OrganisationRole::User);
        let expires_at = form.datetime("expires_at").nullable().optional();
        Some(Self {
            role: role?,
            expires_at: expires_at?,
        })
    }
}

/// The links.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/invite-links/", tag = "invites",
    responses((status = 200, body = Vec<InviteLinkBody>)))]
pub async fn list(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<InviteLinkBody>>, ApiError> {
    let links = organisations::list_invite_links(&app, &on).await?;
    Ok(Reply(links.into_iter().map(Into::into).collect()))
}

/// Makes a link.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/invite-links/", tag = "invites",
    request_body = InviteLinkInput, responses((status = 201, body = InviteLinkBody)))]
pub async fn create(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<InviteLinkBody>, ApiError> {
    let input: InviteLinkInput = body.parse(Mode::Create)?;
    let made = organisations::create_invite_link(&app, &on, input.role, input.expires_at).await?;
    Ok(Created::new(made.into()))
}

/// Takes a link back.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/invite-links/{invite_link_id}/",
    tag = "invites", responses((status = 204)))]
pub async fn delete(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(id): PathId<InviteLinkId>,
) -> Result<NoContent, ApiError> {
    organisations::delete_invite_link(&app, &on, id).await?;
    Ok(NoContent)
}
