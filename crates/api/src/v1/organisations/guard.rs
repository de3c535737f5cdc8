//! Guards of what is below an organisation, where they differ from the usual.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use liftgate_app::Error;
use liftgate_app::access::OnOrganisation;
use liftgate_app::access::need::Admin;

use crate::access::Organisation;
use crate::auth::SessionOnly;
use crate::error::ApiError;
use crate::guard::Guard;
use crate::state::ApiState;

/// Guard: the organisation `{organisation_id}`, for its admins, refused in the words of invitations and permissions
/// (contract, admin API, section 2.4).
#[derive(Debug, Clone)]
pub struct PrivilegedOrganisation(pub OnOrganisation<Admin>);

/// Guard: the organisation `{organisation_id}`, for its admins in person: keys cannot manage keys.
#[derive(Debug, Clone)]
pub struct OrganisationInPerson(pub OnOrganisation<Admin>);

impl Guard for PrivilegedOrganisation {
    const WHO: &'static str = "organisation admin";
}

impl Guard for OrganisationInPerson {
    const WHO: &'static str = "organisation admin, in person; master keys are not recognised";
}

impl FromRequestParts<ApiState> for PrivilegedOrganisation {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        match Organisation::from_request_parts(parts, state).await {
            Ok(Organisation(on)) => Ok(Self(on)),
            Err(error) if error.status() == StatusCode::FORBIDDEN => {
                let detail = "User does not have sufficient privileges to perform this action";
                Err(Error::Forbidden(Some(detail.to_owned())).into())
            }
            Err(error) => Err(error),
        }
    }
}

impl FromRequestParts<ApiState> for OrganisationInPerson {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        SessionOnly::from_request_parts(parts, state).await?;
        let Organisation(on) = Organisation::from_request_parts(parts, state).await?;
        Ok(Self(on))
    }
}
