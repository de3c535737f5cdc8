//! Guards that load what a route is about and prove that the caller may use it. Everything is decided by the one loader
//! of the use-cases ([`liftgate_app::access`]); here is only where the names come from, and how a route refuses.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use liftgate_app::access::need::{EnvironmentNeed, OrganisationNeed, ProjectNeed};
use liftgate_app::access::{OnEnvironment, OnOrganisation, OnProject, Refusal};
use liftgate_app::error::Missing;
use liftgate_app::{App, Error};
use liftgate_model::{EnvironmentId, OrganisationId, ProjectId};

use crate::auth::actor;
use crate::error::ApiError;
use crate::extract::path;
use crate::guard::Guard;
use crate::state::ApiState;

/// Guard: the organisation `{organisation_id}`. Everything is refused with 403, a malformed id with 400.
#[derive(Debug, Clone)]
pub struct Organisation<N>(pub OnOrganisation<N>);

/// Guard: the project `{project_id}`, for routes where what the caller may not see is 404.
#[derive(Debug, Clone)]
pub struct VisibleProject<N>(pub OnProject<N>);

/// Guard: the project `{project_id}`, for routes that refuse with 403 whatever the reason.
#[derive(Debug, Clone)]
pub struct GuardedProject<N>(pub OnProject<N>);

/// Guard: the environment `{environment_key}`, for routes where what the caller may not see is 404.
#[derive(Debug, Clone)]
pub struct VisibleEnvironment<N>(pub OnEnvironment<N>);

/// Guard: the environment `{environment_key}`, for routes that refuse with 403 whatever the reason.
#[derive(Debug, Clone)]
pub struct GuardedEnvironment<N>(pub OnEnvironment<N>);

/// Guard: the environment `{environment_key}` of a report, which refuses in words of its own: 404 for what is missing or in
/// a project the caller may not see, 403 for the rest.
#[derive(Debug, Clone)]
pub struct ReportedEnvironment<N>(pub OnEnvironment<N>);

/// Guard: the environment with the id `{environment_id}`, for routes where what the caller may not see is 404.
#[derive(Debug, Clone)]
pub struct EnvironmentById<N>(pub OnEnvironment<N>);

/// The parameter that names an environment in paths.
pub const ENVIRONMENT_KEY: &str = "environment_key";

impl<N: OrganisationNeed> FromRequestParts<ApiState> for Organisation<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = actor(parts, state).await?;
        let text = path::text(parts, "organisation_id").await?;
        let id = text.parse().map_err(|_| Error::list("Invalid organisation ID"))?;
        let app: Arc<App> = FromRef::from_ref(state);
        Ok(Self(app.access().organisation(&actor, OrganisationId(id)).await?))
    }
}

/// Guards of projects.
macro_rules! project_guard {
    ($guard:ident, $refusal:expr) => {
        impl<N: ProjectNeed> Guard for $guard<N> {
            const WHO: &'static str = N::WHO;
        }

        impl<N: ProjectNeed> FromRequestParts<ApiState> for $guard<N> {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
                let actor = actor(parts, state).await?;
                let id: ProjectId = path::id(parts).await?;
                let app: Arc<App> = FromRef::from_ref(state);
                Ok(Self(app.access().project(&actor, id, $refusal).await?))
            }
        }
    };
}

project_guard!(VisibleProject, Refusal::Hide);
project_guard!(GuardedProject, Refusal::Forbid);

/// Guards of environments by key.
macro_rules! environment_guard {
    ($guard:ident, $refusal:expr) => {
        impl<N: EnvironmentNeed> Guard for $guard<N> {
            const WHO: &'static str = N::WHO;
        }

        impl<N: EnvironmentNeed> FromRequestParts<ApiState> for $guard<N> {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
                let actor = actor(parts, state).await?;
                let key = path::text(parts, ENVIRONMENT_KEY).await?;
                let app: Arc<App> = FromRef::from_ref(state);
                Ok(Self(
                    app.access().environment(&actor, &key, $refusal).await?,
                ))
            }
        }
    };
}

environment_guard!(VisibleEnvironment, Refusal::Hide);
environment_guard!(GuardedEnvironment, Refusal::Forbid);

impl<N: EnvironmentNeed> Guard for ReportedEnvironment<N> {
    const WHO: &'static str = N::WHO;
}

impl<N: EnvironmentNeed> FromRequestParts<ApiState> for ReportedEnvironment<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = actor(parts, state).await?;
        let key = path::text(parts, ENVIRONMENT_KEY).await?;
        let app: Arc<App> = FromRef::from_ref(state);
        let found = app.access().environment(&actor, &key, Refusal::HideProject).await;
        Ok(Self(found.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound(Missing::Text("Environment not found".to_owned())),
            Error::Forbidden(_) => Error::Forbidden(Some(
                "You do not have permission to view this environment".to_owned(),
            )),
            other => other,
        })?))
    }
}

impl<N: OrganisationNeed> Guard for Organisation<N> {
    const WHO: &'static str = N::WHO;
}

impl<N: EnvironmentNeed> Guard for EnvironmentById<N> {
    const WHO: &'static str = N::WHO;
}

impl<N: EnvironmentNeed> FromRequestParts<ApiState> for EnvironmentById<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = actor(parts, state).await?;
        let id: EnvironmentId = path::strict_id(parts).await?;
        let app: Arc<App> = FromRef::from_ref(state);
        Ok(Self(
            app.access().environment_by_id(&actor, id, Refusal::Hide).await?,
        ))
    }
}
