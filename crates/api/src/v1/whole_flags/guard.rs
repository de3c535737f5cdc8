//! The guard of these routes: whatever is refused looks as if it were not there.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::EnvironmentNeed;
use liftgate_app::{Error, error::Missing};

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::guard::Guard;
use crate::state::ApiState;

/// Guard: the environment `{environment_key}`; 404 `Not found.` for every reason.
#[derive(Debug, Clone)]
pub struct HiddenEnvironment<N>(pub OnEnvironment<N>);

impl<N: EnvironmentNeed> Guard for HiddenEnvironment<N> {
    const WHO: &'static str = N::WHO;
}

impl<N: EnvironmentNeed> FromRequestParts<ApiState> for HiddenEnvironment<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        match GuardedEnvironment::<N>::from_request_parts(parts, state).await {
            Ok(GuardedEnvironment(on)) => Ok(Self(on)),
            Err(refused) if refused.status() == StatusCode::FORBIDDEN => {
                Err(Error::NotFound(Missing::Plain).into())
            }
            Err(other) => Err(other),
        }
    }
}
