//! Makes, reads, changes and deletes organisations.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnOrganisation;
use liftgate_app::access::need::{Admin, Member};
use liftgate_app::{App, organisations};

use super::wire::{OrganisationBody, OrganisationInput};
use crate::access::Organisation;
use crate::auth::{SignedIn, UserOnly};
use crate::error::ApiError;
use crate::extract::{Body, PathUuid};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};

/// Makes an organisation; the caller becomes its admin.
#[utoipa::path(post, path = "/api/v1/organisations/", tag = "organisations", request_body = OrganisationInput,
    responses((status = 201, body = OrganisationBody)))]
pub async fn create(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<OrganisationBody>, ApiError> {
    let input: OrganisationInput = body.parse(Mode::Create)?;
    let made = organisations::create(&app, &user, input.into()).await?;
    Ok(Created::new(made.into()))
}

/// One organisation; its members who are not admins see it in the list only.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/", tag = "organisations",
    responses((status = 200, body = OrganisationBody)))]
pub async fn read(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Reply<OrganisationBody>, ApiError> {
    Ok(Reply(organisations::view(&app, &on).await?.into()))
}

/// One organisation by its public id; 404 for who does not belong to it.
#[utoipa::path(get, path = "/api/v1/organisations/get-by-uuid/{uuid}/", tag = "organisations",
    responses((status = 200, body = OrganisationBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<OrganisationBody>, ApiError> {
    let on: OnOrganisation<Member> = app.access().organisation_by_uuid(&actor, uuid).await?;
    Ok(Reply(organisations::view(&app, &on).await?.into()))
}

/// Changes an organisation.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation_id}/", tag = "organisations",
    request_body = OrganisationInput, responses((status = 200, body = OrganisationBody)))]
pub async fn update(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<OrganisationBody>, ApiError> {
    change(&app, &on, &body, Mode::Put).await
}

/// Changes some things about an organisation.
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation_id}/", tag = "organisations",
    request_body = OrganisationInput, responses((status = 200, body = OrganisationBody)))]
pub async fn patch(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<OrganisationBody>, ApiError> {
    change(&app, &on, &body, Mode::Patch).await
}

/// Deletes an organisation with its projects.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/", tag = "organisations",
    responses((status = 204)))]
pub async fn delete(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
) -> Result<NoContent, ApiError> {
    organisations::delete(&app, &on).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnOrganisation<Admin>,
    body: &Body,
    mode: Mode,
) -> Result<Reply<OrganisationBody>, ApiError> {
    let input: OrganisationInput = body.parse(mode)?;
    Ok(Reply(organisations::update(app, on, input.into()).await?.into()))
}
