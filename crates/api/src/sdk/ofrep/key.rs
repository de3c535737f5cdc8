//! The keys of environments in the headers that OFREP clients use.

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use liftgate_delivery::KeyRefusal;

use super::OfrepError;
use crate::guard::{Guard, Keys};
use crate::sdk::key::HEADER;
use crate::sdk::{EnvironmentKey, SdkState};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const BEARER: &str = "bearer ";

/// Guard: any key of an environment, in `X-Environment-Key`, `X-API-Key` or as a bearer token; the first that is there
/// counts.
#[derive(Debug, Clone)]
pub struct OfrepKey(pub EnvironmentKey);

impl Guard for OfrepKey {
    const WHO: &'static str = "any key of the environment";
    const KEYS: Keys = Keys::Environment;
}

impl FromRequestParts<SdkState> for OfrepKey {
    type Rejection = OfrepError;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, OfrepError> {
        let key = presented(parts)?;
        Ok(Self(EnvironmentKey::of(key, state)?))
    }
}

fn presented(parts: &Parts) -> Result<Option<&str>, KeyRefusal> {
    for name in [HEADER, API_KEY] {
        if let Some(value) = parts.headers.get(name) {
            return value.to_str().map(Some).map_err(|_| KeyRefusal::Unknown);
        }
    }
    let Some(value) = parts.headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| KeyRefusal::Unknown)?;
    let is_bearer = value
        .get(..BEARER.len())
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(BEARER));
    Ok(is_bearer.then(|| value[BEARER.len()..].trim()))
}
