//! One trait of one identity.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use liftgate_delivery::SentTrait;

use super::wire::{StoredTrait, TraitToSet};
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::sdk::{SdkState, TraitsKey, reply};

/// Stores a trait of an identity, which is stored when it is not known.
#[utoipa::path(
    post,
    path = "/api/v1/traits/",
    tag = "sdk",
    request_body = TraitToSet,
    responses(
        (status = 200, description = "The trait.", body = StoredTrait),
        (status = 503, description = "The trait cannot be stored at the moment."),
    ),
)]
pub(super) async fn set(
    key: TraitsKey,
    State(state): State<SdkState>,
    body: Body,
) -> Result<Response, ApiError> {
    let TraitToSet {
        identity,
        trait_key,
        trait_value,
    } = body.parse(Mode::Create)?;
    let stored = StoredTrait::new(&identity.identifier, &trait_key, Some(&trait_value));
    let sent = SentTrait {
        key: trait_key,
        value: Some(trait_value),
        is_transient: false,
    };
    key.store(&state, &identity.identifier, &[sent]).await?;
    Ok(reply::vary(Json(stored).into_response()))
}
