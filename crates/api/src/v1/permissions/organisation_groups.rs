//! What groups are granted on an organisation.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, group_permissions};

use super::group_wire::{
    GroupGrantInput, ListedOrganisationGroupGrant, NewGroupGrantInput, OrganisationGroupGrant,
};
use super::wire::GrantId;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Reply};
use crate::v1::organisations::PrivilegedOrganisation;

/// The grants.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/user-group-permissions/", tag = "permissions",
    responses((status = 200, body = Vec<ListedOrganisationGroupGrant>)))]
pub async fn list(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<ListedOrganisationGroupGrant>>, ApiError> {
    let granted = group_permissions::list(&app, &on).await?;
    Ok(Reply(granted.into_iter().map(Into::into).collect()))
}

/// Grants a group of the organisation something.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/user-group-permissions/", tag = "permissions",
    request_body = GroupGrantInput, responses((status = 201, body = OrganisationGroupGrant)))]
pub async fn create(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<OrganisationGroupGrant>, ApiError> {
    let NewGroupGrantInput(new) = body.parse(Mode::Create)?;
    Ok(Created::new(
        group_permissions::create(&app, &on, new).await?.into(),
    ))
}

/// Replaces what a grant gives.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    request_body = GroupGrantInput, responses((status = 200, body = OrganisationGroupGrant)))]
pub async fn update(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<OrganisationGroupGrant>, ApiError> {
    let input: GroupGrantInput = body.parse(Mode::Put)?;
    Ok(Reply(
        group_permissions::update(&app, &on, id, input.into())
            .await?
            .into(),
    ))
}

/// Replaces what a grant gives, as PUT does; the group need not be named.
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    request_body = GroupGrantInput, responses((status = 200, body = OrganisationGroupGrant)))]
pub async fn patch(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
    body: Body,
) -> Result<Reply<OrganisationGroupGrant>, ApiError> {
    let input: GroupGrantInput = body.parse(Mode::Patch)?;
    Ok(Reply(
        group_permissions::update(&app, &on, id, input.into())
            .await?
            .into(),
    ))
}

/// Takes back what was granted.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/user-group-permissions/{grant_id}/", tag = "permissions",
    responses((status = 204)))]
pub async fn delete(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    State(app): State<Arc<App>>,
    PathId(GrantId(id)): PathId<GrantId>,
) -> Result<NoContent, ApiError> {
    group_permissions::delete(&app, &on, id).await?;
    Ok(NoContent)
}
