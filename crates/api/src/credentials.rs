//! What a request brings along to say who is calling, and what knows whether it fits (contract, admin API, section 0.4).

use async_trait::async_trait;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use liftgate_app::Error;
use liftgate_model::Secret;
use liftgate_model::account::Actor;

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
