//! Who is calling: credentials read from the request, and the guards that ask no more than to be signed in
//! (contract, admin API, section 0.4).

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use liftgate_app::Error;
use liftgate_model::Secret;
use liftgate_model::account::{Actor, User};

use crate::error::ApiError;
use crate::guard::{Guard, Keys};
use crate::state::ApiState;

/// What a request brings along to say who is calling. Nothing here was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing that we know.
    None,
    /// `Authorization: Token …`: a session of a person.
    Token(Secret),
    /// `Authorization: Api-Key …`: a master key of an organisation.
    ApiKey(Secret),
    /// `Authorization: Bearer …`: an access token.
    Bearer(Secret),
}

/// Knows sessions, keys and access tokens.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Who holds these credentials; `None` when they are of a kind that is ignored when it does not fit.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] with the contract's text when they are refused, [`Error::Unavailable`] when that
    /// cannot be told now.
    async fn authenticate(&self, credentials: &Credentials) -> liftgate_app::Result<Option<Actor>>;
}

impl Credentials {
    /// Reads the `Authorization` header.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when a session token is not even well-formed, in the contract's words.
    pub fn of(parts: &Parts) -> Result<Self, Error> {
        let Some(header) = parts.headers.get(AUTHORIZATION) else {
            return Ok(Self::None);
        };
        let bytes = header.as_bytes().trim_ascii();
        let at = bytes
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(bytes.len());
        let (scheme, rest) = bytes.split_at(at);
        let rest = rest.trim_ascii();
        let is = |name: &str| scheme.eq_ignore_ascii_case(name.as_bytes());
        let secret = || {
            std::str::from_utf8(rest)
                .ok()
                .filter(|text| !text.is_empty())
                .map(Secret::new)
        };
        if is("Token") {
            return session_token(rest).map(|token| Self::Token(Secret::new(token)));
        }
        let read = if is("Api-Key") {
            secret().map(Self::ApiKey)
        } else if is("Bearer") {
            secret().map(Self::Bearer)
        } else {
            None
        };
        Ok(read.unwrap_or(Self::None))
    }
}

fn session_token(bytes: &[u8]) -> Result<&str, Error> {
    let refuse = |why: &str| Error::Unauthenticated(format!("Invalid token header. {why}"));
    if bytes.is_empty() {
        return Err(refuse("No credentials provided."));
    }
    if bytes.iter().any(u8::is_ascii_whitespace) {
        return Err(refuse("Token string should not contain spaces."));
    }
    std::str::from_utf8(bytes).map_err(|_| refuse("Token string should not contain invalid characters."))
}

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
