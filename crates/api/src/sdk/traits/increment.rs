//! Counting in a trait.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use liftgate_app::Error;
use liftgate_delivery::{IncrementError, TraitIncrement};

use super::wire::{Incremented, ValueIncrement};
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::sdk::{SdkState, TraitsKey, identities, reply};

const NOT_AN_INTEGER: &str = "Trait is not an integer.";
const OUT_OF_RANGE: &str = "Trait would leave the range of 64-bit integers.";

/// Adds to an integer trait of an identity; either is stored when it is not known, the trait with 0. Calls at the same
/// time all count.
#[utoipa::path(
    post,
    path = "/api/v1/traits/increment-value/",
    tag = "sdk",
    request_body = ValueIncrement,
    responses(
        (status = 200, description = "The trait with its new value.", body = Incremented),
        (status = 503, description = "The trait cannot be stored at the moment."),
    ),
)]
pub(super) async fn increment(
    key: TraitsKey,
    State(state): State<SdkState>,
    body: Body,
) -> Result<Response, ApiError> {
    let wanted: ValueIncrement = body.parse(Mode::Create)?;
    let increment = TraitIncrement {
        key: wanted.trait_key,
        by: wanted.increment_by,
    };
    let adding = state
        .delivery
        .increment_trait(key.environment(), &wanted.identifier, &increment);
    let trait_value = adding.await.map_err(|error| match error {
        IncrementError::Identity(error) => identities::refuse(error),
        IncrementError::NotAnInteger => Error::list(NOT_AN_INTEGER).into(),
        IncrementError::OutOfRange => Error::list(OUT_OF_RANGE).into(),
    })?;
    let answer = Incremented {
        trait_key: increment.key,
        trait_value,
        identifier: wanted.identifier,
    };
    Ok(reply::vary(Json(answer).into_response()))
}
