//! The keys of environments (contract, sdk-api section 1).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use liftgate_app::Error;
use liftgate_delivery::{EnvironmentSnapshot, KeyKind, KeyRefusal};

use super::{SdkState, usage};
use crate::error::ApiError;
use crate::guard::{Guard, Keys};

/// The header that carries the key.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-environment-key");

/// What server-side keys start with.
const SERVER_PREFIX: &str = "ser.";

/// Spelled differently from [`UNKNOWN`], as in the contract.
const MISSING: &str = "Invalid or missing Environment key";
const UNKNOWN: &str = "Invalid or missing Environment Key";
const NOTHING_STORED: &str = "Organisation is not authorised to store traits.";
const NO_CLIENT_TRAITS: &str = "Setting traits not allowed with client key.";
const STOPPED: &str = "Organisation is disabled from serving flags.";

/// Guard: any key of an environment, with what the environment serves.
#[derive(Debug, Clone)]
pub struct EnvironmentKey {
    /// The environment.
    pub snapshot: Arc<EnvironmentSnapshot>,
    /// The kind of the key.
    pub kind: KeyKind,
}

/// Guard: a server-side key of an environment.
#[derive(Debug, Clone)]
pub struct ServerKey {
    /// The environment.
    pub snapshot: Arc<EnvironmentSnapshot>,
}

/// Guard: a key of an environment that may store traits.
#[derive(Debug, Clone)]
pub struct TraitsKey(pub(super) EnvironmentKey);

impl Guard for EnvironmentKey {
    const WHO: &'static str = "any key of the environment";
    const KEYS: Keys = Keys::Environment;
}

impl Guard for ServerKey {
    const WHO: &'static str = "a server-side key of the environment";
    const KEYS: Keys = Keys::Environment;
}

impl Guard for TraitsKey {
    const WHO: &'static str = "a key of the environment that may store traits";
    const KEYS: Keys = Keys::Environment;
}

impl EnvironmentKey {
    /// Looks up the key of a request, which is counted.
    pub(super) fn find(parts: &Parts, state: &SdkState) -> Result<Self, KeyRefusal> {
        let key = match parts.headers.get(HEADER) {
            None => None,
            // A key of other than printable characters is none of ours.
            Some(value) => Some(value.to_str().map_err(|_| KeyRefusal::Unknown)?),
        };
        let found = Self::of(key, state)?;
        usage::count(parts, state, &found);
        Ok(found)
    }

    /// Looks up a key for a request, which counts towards the rate of the key.
    pub(super) fn of(key: Option<&str>, state: &SdkState) -> Result<Self, KeyRefusal> {
        let (snapshot, kind) = state.delivery.admit(key, state.clock.now())?;
        Ok(Self { snapshot, kind })
    }
}

impl FromRequestParts<SdkState> for EnvironmentKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, ApiError> {
        Self::find(parts, state).map_err(refuse)
    }
}

impl FromRequestParts<SdkState> for ServerKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, ApiError> {
        let starts_well = |value: &[u8]| value.starts_with(SERVER_PREFIX.as_bytes());
        if !parts
            .headers
            .get(HEADER)
            .is_some_and(|value| starts_well(value.as_bytes()))
        {
            return Err(refuse(KeyRefusal::Missing));
        }
        let EnvironmentKey { snapshot, kind } = EnvironmentKey::find(parts, state).map_err(refuse)?;
        match kind {
            KeyKind::Server => Ok(Self { snapshot }),
            KeyKind::Client => Err(refuse(KeyRefusal::Missing)),
        }
    }
}

impl FromRequestParts<SdkState> for TraitsKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, ApiError> {
        let key = EnvironmentKey::find(parts, state).map_err(refuse)?;
        if !key.snapshot.persists_traits() {
            return Err(Error::Forbidden(Some(NOTHING_STORED.to_owned())).into());
        }
        if !key.snapshot.takes_traits(key.kind) {
            return Err(Error::non_field(NO_CLIENT_TRAITS).into());
        }
        Ok(Self(key))
    }
}

fn refuse(refusal: KeyRefusal) -> ApiError {
    let text = match refusal {
        KeyRefusal::TooOften { retry_after_seconds } => return too_often(retry_after_seconds),
        KeyRefusal::Missing => MISSING,
        KeyRefusal::Unknown | KeyRefusal::Inactive | KeyRefusal::Expired => UNKNOWN,
        KeyRefusal::OrganisationStopped => STOPPED,
    };
    Error::Forbidden(Some(text.to_owned())).into()
}

/// 429 for a key that is used too often.
pub(super) fn too_often(retry_after_seconds: u32) -> ApiError {
    Error::Throttled {
        detail: None,
        retry_after_seconds: retry_after_seconds.into(),
    }
    .into()
}
