//! What users are granted on an organisation.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, permissions};

use super::wire::{GrantId, GrantInput, ListedOrganisationGrant, NewGrantInput, OrganisationGrant};
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};
use crate::v1::organisations::PrivilegedOrganisation;

/// The grants.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/user-permissions/", tag = "permissions",
    responses((status = 200, body = Vec<ListedOrganisationGrant>)))]
pub async fn list(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<ListedOrganisationGrant>>, ApiError> {
    let granted = permissions::list(&app, &on).await?;
    Ok(Reply(granted.iter().map(Into::into).collect()))
}

/// Grants a member of the organisation something.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/user-permissions/", tag = "permissions",
    request_body = GrantInput, responses((status = 201, body = OrganisationGrant)))]
pub async fn create(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<OrganisationGrant>, ApiError> {
    let NewGrantInput(new) = body.parse(Mode::Create)?;
    Ok(Created::new(permissions::create(&app, &on, new).await?.into()))
}

/// Replaces what a grant gives.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation_id}/user-permissions/{grant_id}/", tag = "permissions",
    request_body = GrantInput, responses((status = 200, body = OrganisationGrant)))]
pub async fn update(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<OrganisationGrant>, ApiError> {
    let input: GrantInput = body.parse(Mode::Put)?;
    Ok(Reply(
        permissions::update(&app, &on, id, input.into()).await?.into(),
    ))
}

/// Replaces what a grant gives, as PUT does; the user need not be named.
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation_id}/user-permissions/{grant_id}/", tag = "permissions",
    request_body = GrantInput, responses((status = 200, body = OrganisationGrant)))]
pub async fn patch(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<OrganisationGrant>, ApiError> {
    let input: GrantInput = body.parse(Mode::Patch)?;
    Ok(Reply(
        permissions::update(&app, &on, id, input.into()).await?.into(),
    ))
}

/// Takes back what was granted.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/user-permissions/{grant_id}/", tag = "permissions",
    responses((status = 204)))]
pub async fn delete(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
) -> Result<NoContent, ApiError> {
    permissions::delete(&app, &on, id).await?;
    Ok(NoContent)
}
