//! Flags for an identity, and its traits (contract, sdk-api section 3).

mod find;
mod identify;
mod wire;

use axum::response::{IntoResponse, Response};
use liftgate_app::Error;
use liftgate_delivery::{IdentifyError, IdentityCall, RETRY_AFTER_SECONDS};

use super::{EnvironmentKey, SdkState, reply};
use crate::error::ApiError;
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(find::find, identify::identify)
}

/// Answers a call with everything about the identity, or with one flag.
async fn answer(
    key: EnvironmentKey,
    state: &SdkState,
    call: IdentityCall,
    feature: Option<&str>,
) -> Result<Response, ApiError> {
    let EnvironmentKey { snapshot, kind } = key;
    let identified = state
        .delivery
        .identify(snapshot.clone(), kind, call, &*state.random)
        .await;
    let identified = identified.map_err(refuse)?;
    let response = match feature {
        None => reply::json(identified.body()),
        Some(name) => match identified.flag(name) {
            Some(flag) => reply::json(flag),
            None => reply::vary(reply::no_such_flag().into_response()),
        },
    };
    Ok(reply::updated_at(&snapshot, response))
}

fn refuse(error: IdentifyError) -> ApiError {
    match error {
        IdentifyError::Unavailable => Error::Unavailable {
            detail: "Traits cannot be stored at the moment. Send them again.".to_owned(),
            retry_after_seconds: RETRY_AFTER_SECONDS.into(),
        }
        .into(),
        IdentifyError::Internal => Error::internal(error).into(),
    }
}
