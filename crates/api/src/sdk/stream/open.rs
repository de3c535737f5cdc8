//! Who may open a stream: whoever names the client-side key of an environment, which is public.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use liftgate_app::{Error, error::Missing};
use liftgate_delivery::{KeyKind, KeyRefusal};
use liftgate_model::Timestamp;
use tokio::sync::watch;

use crate::error::ApiError;
use crate::extract::path;
use crate::guard::{Guard, Keys};
use crate::sdk::{SdkState, key};

/// Guard: the client-side key of an environment, in the path.
pub(super) struct ClientKey {
    /// The key.
    pub text: Box<str>,
    /// Tells of changes.
    pub updates: watch::Receiver<Timestamp>,
}

impl Guard for ClientKey {
    const WHO: &'static str = "anyone who knows the environment's client-side key";
    const KEYS: Keys = Keys::None;
}

impl FromRequestParts<SdkState> for ClientKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, ApiError> {
        let not_found = || ApiError::from(Error::NotFound(Missing::Plain));
        let text = path::text(parts, "environment_key").await?;
        let found = state.delivery.admit(Some(&text), state.clock.now());
        let (snapshot, kind) = found.map_err(|refusal| match refusal {
            KeyRefusal::TooOften { retry_after_seconds } => key::too_often(retry_after_seconds),
            _ => not_found(),
        })?;
        if kind != KeyKind::Client {
            return Err(not_found());
        }
        let updates = state.delivery.subscribe(snapshot.environment_id());
        Ok(Self {
            text: text.into(),
            updates: updates.ok_or_else(not_found)?,
        })
    }
}
