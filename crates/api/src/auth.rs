//! Who is calling: the guards that ask no more than to be signed in (contract, admin API, section 0.4).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use liftgate_app::Error;
use liftgate_model::account::{Actor, User};

use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::guard::{Guard, Keys};
use crate::state::ApiState;

/// The caller, for guards that load more: refuses with 401 when there is none. Asks once per request.
///
/// # Errors
/// 401, 429 when the caller asks too often, or what the authenticator says.
pub async fn actor(parts: &mut Parts, state: &ApiState) -> Result<Actor, ApiError> {
    if let Some(actor) = parts.extensions.get::<Actor>() {
        return Ok(actor.clone());
    }
    let credentials = Credentials::of(parts)?;
    let found = match credentials {
        Credentials::None => None,
        credentials => state.authenticator.authenticate(&credentials).await?,
    };
    let actor = found.ok_or_else(not_provided)?;
    state.throttles.check_actor(&actor, state.clock.now())?;
    parts.extensions.insert(actor.clone());
    Ok(actor)
}

fn not_provided() -> Error {
    Error::Unauthenticated("Authentication credentials were not provided.".to_owned())
}

/// Guard: anyone may call, signed in or not.
#[derive(Debug, Clone, Copy)]
pub struct Anonymous;

/// Guard: any signed-in person and any master key.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Actor);

/// Guard: any signed-in person; a master key gets 403.
#[derive(Debug, Clone)]
pub struct UserOnly(pub User);

/// Guard: any signed-in person, where master keys are not even looked at and get 401.
#[derive(Debug, Clone)]
pub struct SessionOnly(pub User);

impl Guard for Anonymous {
    const WHO: &'static str = "anyone";
    const KEYS: Keys = Keys::None;
}

impl Guard for SignedIn {
    const WHO: &'static str = "signed in";
}

impl Guard for UserOnly {
    const WHO: &'static str = "signed in as a person";
}

impl Guard for SessionOnly {
    const WHO: &'static str = "signed in as a person; master keys are not recognised";
}

impl<S: Send + Sync> FromRequestParts<S> for Anonymous {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl FromRequestParts<ApiState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        actor(parts, state).await.map(Self)
    }
}

impl FromRequestParts<ApiState> for UserOnly {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        match actor(parts, state).await? {
            Actor::User(user) => Ok(Self(user)),
            Actor::MasterKey(_) => Err(Error::forbidden().into()),
        }
    }
}

impl FromRequestParts<ApiState> for SessionOnly {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        match actor(parts, state).await? {
            Actor::User(user) => Ok(Self(user)),
            Actor::MasterKey(_) => Err(not_provided().into()),
        }
    }
}
