//! The session a request belongs to.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use liftgate_app::Error;
use liftgate_model::Secret;

use crate::credentials::Credentials;
use crate::error::ApiError;

/// The session token of the request; take it after a guard that admits people.
#[derive(Debug, Clone)]
pub struct CurrentToken(pub Secret);

impl<S: Send + Sync> FromRequestParts<S> for CurrentToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        match Credentials::of(parts)? {
            Credentials::Token(token) => Ok(Self(token)),
            _ => Err(Error::forbidden().into()),
        }
    }
}
