//! Flags for an identity, and its traits (contract, sdk-api section 3).

mod find;
mod identify;
pub(super) mod wire;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use liftgate_app::Error;
use liftgate_delivery::{Identified, IdentifyError, IdentityCall, RETRY_AFTER_SECONDS};

use super::{EnvironmentKey, SdkState, reply};
use crate::error::ApiError;
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(find::find, identify::identify)
}

/// Evaluates for the identity of a call, and stores what is to be stored.
pub(super) async fn evaluate(
    key: EnvironmentKey,
    state: &SdkState,
    call: IdentityCall,
) -> Result<Identified, ApiError> {
    let identified = state
        .delivery
        .identify(key.snapshot, key.kind, call, &*state.random)
        .await;
    identified.map_err(refuse)
}

/// Answers a call with everything about the identity, or with one flag.
pub(super) async fn answer(
    key: EnvironmentKey,
    state: &SdkState,
    call: IdentityCall,
    feature: Option<&str>,
) -> Result<Response, ApiError> {
    let snapshot = Arc::clone(&key.snapshot);
    let identified = evaluate(key, state, call).await?;
    let response = match feature {
        None => reply::json(identified.body()),
        Some(name) => match identified.flag(name) {
            Some(flag) => reply::json(flag),
            None => reply::vary(reply::no_such_flag().into_response()),
        },
    };
    Ok(reply::updated_at(&snapshot, response))
}

/// The answer to a call whose traits cannot be stored or read.
pub(super) fn refuse(error: IdentifyError) -> ApiError {
    match error {
        IdentifyError::Unavailable => Error::Unavailable {
            detail: "Traits cannot be stored at the moment. Send them again.".to_owned(),
            retry_after_seconds: RETRY_AFTER_SECONDS.into(),
        }
        .into(),
        IdentifyError::Internal => Error::internal(error).into(),
    }
}
