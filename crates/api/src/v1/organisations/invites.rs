//! Invitations. The server sends no mail: whoever invites hands the link over, whose secret is in a list of Liftgate's
//! own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, organisations};
use liftgate_model::InviteId;

use super::guard::PrivilegedOrganisation;
use super::invite_wire::{BulkInvites, InviteBody, InviteInput, InviteLink, InvitedBody, ListedInvite};
use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Paged, Reply};
use crate::throttle::{InviteMail, Throttle};

/// The invitations that are open.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/invites/", tag = "invites", params(Page10),
    responses((status = 200, body = Paged<ListedInvite>)))]
pub async fn list(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<ListedInvite>>, ApiError> {
    let found = organisations::list_invites(&app, &on, page.slice()).await?;
    page.reply(found.map(Into::into))
}

/// Invites an address.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/invites/", tag = "invites",
    request_body = InviteInput, responses((status = 201, body = InviteBody)))]
pub async fn create(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<InviteBody>, ApiError> {
    let input: InviteInput = body.parse(Mode::Create)?;
    let made = organisations::create_invite(&app, &on, input.into()).await?;
    Ok(Created::new(made.into()))
}

/// One invitation.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/invites/{invite_id}/", tag = "invites",
    responses((status = 200, body = ListedInvite)))]
pub async fn read(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(id): PathId<InviteId>,
) -> Result<Reply<ListedInvite>, ApiError> {
    Ok(Reply(organisations::find_invite(&app, &on, id).await?.into()))
}

/// Takes an invitation back.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/invites/{invite_id}/", tag = "invites",
    responses((status = 204)))]
pub async fn delete(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(id): PathId<InviteId>,
) -> Result<NoContent, ApiError> {
    organisations::delete_invite(&app, &on, id).await?;
    Ok(NoContent)
}

/// Sends an invitation again, where the reference server does; here it only says whether it is still open.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/invites/{invite_id}/resend/", tag = "invites",
    responses((status = 200)))]
pub async fn resend(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    _: Throttle<InviteMail>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<InviteId>,
) -> Result<StatusCode, ApiError> {
    organisations::find_invite(&app, &on, id).await?;
    Ok(StatusCode::OK)
}

/// Invites several addresses, or none of them.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/invite/", tag = "invites",
    request_body = BulkInvites, responses((status = 201, body = Vec<InvitedBody>)))]
pub async fn create_many(
    Organisation(on): Organisation<Admin>,
    _: Throttle<InviteMail>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<Vec<InvitedBody>>, ApiError> {
    let BulkInvites { invites, emails } = body.parse(Mode::Create)?;
    let invites = invites.into_iter().map(Into::into).collect();
    let made = organisations::create_invites(&app, &on, invites, emails).await?;
    Ok(Created::new(made.into_iter().map(Into::into).collect()))
}

/// The invitations that are open, with the secrets of their links: `/api/v1/users/join/{hash}/` takes them.
#[utoipa::path(get, path = "/api/liftgate/v1/organisations/{organisation_id}/invites/", tag = "invites",
    params(Page10), responses((status = 200, body = Paged<InviteLink>)))]
pub async fn links(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<InviteLink>>, ApiError> {
    let found = organisations::list_invites(&app, &on, page.slice()).await?;
    page.reply(found.map(Into::into))
}
