//! Traits of many identities.

use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use liftgate_app::Error;
use liftgate_delivery::SentTrait;
use serde_json::Value;

use super::wire::{StoredTrait, TraitChange};
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::sdk::{SdkState, TraitsKey, reply};

/// Most identities of one call. Each is changed in a transaction of its own.
const BULK_IDENTITIES: usize = 1_000;

/// Sets and deletes traits of identities, which are stored when they are not known. All traits of one identity change
/// together. After 503 some identities may have changed: send all of it again.
#[utoipa::path(
    put,
    path = "/api/v1/traits/bulk/",
    tag = "sdk",
    request_body = Vec<TraitChange>,
    responses(
        (status = 200, description = "The traits that were set, without those that were deleted.", body = Vec<StoredTrait>),
        (status = 503, description = "Not all traits can be stored at the moment."),
    ),
)]
pub(super) async fn set_many(
    key: TraitsKey,
    State(state): State<SdkState>,
    body: Body,
) -> Result<Response, ApiError> {
    let is_list_of_objects =
        matches!(&*body.value(), Value::Array(items) if items.iter().all(Value::is_object));
    if !is_list_of_objects {
        return Err(Error::detail("Invalid request data").into());
    }
    let changes: Vec<(String, SentTrait)> = body
        .parse_list::<TraitChange>(Mode::Put)?
        .into_iter()
        .map(TraitChange::split)
        .collect();
    let stored = stored(&changes);

    let mut identities: BTreeMap<String, Vec<SentTrait>> = BTreeMap::new();
    for (identifier, sent) in changes {
        identities.entry(identifier).or_default().push(sent);
    }
    if identities.len() > BULK_IDENTITIES {
        let complaint = format!("At most {BULK_IDENTITIES} identities are changed by one call.");
        return Err(Error::detail(complaint).into());
    }
    for (identifier, traits) in &identities {
        key.store(&state, identifier, traits).await?;
    }
    Ok(reply::vary(Json(stored).into_response()))
}

/// What is stored in the end, in the order it was sent in: of several changes to one trait the last counts.
fn stored(changes: &[(String, SentTrait)]) -> Vec<StoredTrait> {
    let mut seen = HashSet::new();
    let mut stored: Vec<StoredTrait> = changes
        .iter()
        .rev()
        .filter(|(identifier, sent)| seen.insert((identifier, &sent.key)))
        .filter(|(_, sent)| sent.value.is_some())
        .map(|(identifier, sent)| StoredTrait::new(identifier, &sent.key, sent.value.as_ref()))
        .collect();
    stored.reverse();
    stored
}
