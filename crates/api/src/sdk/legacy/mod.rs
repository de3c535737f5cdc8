//! Routes of the first SDKs, which name the identity in the path (contract, sdk-api section 3). They answer as their
//! successors do.

mod wire;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use liftgate_app::Error;
use liftgate_delivery::{IdentityCall, SentTrait};

use self::wire::{Identifier, TraitKey, TraitValueBody};
use super::identities::wire::{IDENTIFIER_CHARACTERS, KEY_CHARACTERS};
use super::traits::wire::StoredTrait;
use super::{EnvironmentKey, SdkState, TraitsKey, identities, reply};
use crate::error::ApiError;
use crate::extract::{Body, PathText, Query};
use crate::form::Mode;
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(identity, flags, set_trait)
}

/// The flags and traits of an identity, which is stored when it is not known. Use `GET /api/v1/identities/`.
#[utoipa::path(
    get,
    path = "/api/v1/identities/{identifier}/",
    tag = "sdk",
    params(("identifier" = String, Path, description = "The identity.")),
    responses((status = 200, description = "`identifier`, `traits` and `flags`.")),
)]
async fn identity(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    identifier: PathText<Identifier>,
) -> Result<Response, ApiError> {
    identities::answer(key, &state, call(identifier)?, None).await
}

/// The flags of an identity, which is stored when it is not known. Use `GET /api/v1/identities/`.
#[utoipa::path(
    get,
    path = "/api/v1/flags/{identifier}",
    tag = "sdk",
    params(
        ("identifier" = String, Path, description = "The identity."),
        ("feature" = Option<String>, Query, description = "The name of the one feature to answer with."),
    ),
    responses((status = 200, description = "The flags as a list, or one flag.")),
)]
async fn flags(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    identifier: PathText<Identifier>,
    query: Query,
) -> Result<Response, ApiError> {
    let identified = identities::evaluate(key, &state, call(identifier)?).await?;
    match query.get("feature") {
        None => Ok(reply::json(identified.flags())),
        Some(name) => identified
            .flag(name)
            .map(reply::json)
            .ok_or_else(reply::no_such_flag),
    }
}

/// Stores a trait of an identity, which is stored when it is not known. Use `POST /api/v1/identities/`.
#[utoipa::path(
    post,
    path = "/api/v1/identities/{identifier}/traits/{trait_key}",
    tag = "sdk",
    params(
        ("identifier" = String, Path, description = "The identity."),
        ("trait_key" = String, Path, description = "The trait's name."),
    ),
    request_body = TraitValueBody,
    responses((status = 200, description = "The trait.", body = StoredTrait)),
)]
async fn set_trait(
    key: TraitsKey,
    State(state): State<SdkState>,
    identifier: PathText<Identifier>,
    trait_key: PathText<TraitKey>,
    body: Body,
) -> Result<Response, ApiError> {
    if trait_key.text.chars().count() > KEY_CHARACTERS {
        return Err(Error::detail(format!("A trait's key has at most {KEY_CHARACTERS} characters.")).into());
    }
    let TraitValueBody { trait_value } = body.parse(Mode::Create)?;
    let stored = StoredTrait::new(&identifier.text, &trait_key.text, trait_value.as_ref());
    let sent = SentTrait {
        key: trait_key.text,
        value: trait_value,
        is_transient: false,
    };
    key.store(&state, &checked(identifier)?, &[sent]).await?;
    Ok(reply::vary(axum::Json(stored).into_response()))
}

fn call(identifier: PathText<Identifier>) -> Result<IdentityCall, ApiError> {
    Ok(IdentityCall {
        identifier: Some(checked(identifier)?),
        ..IdentityCall::default()
    })
}

fn checked(identifier: PathText<Identifier>) -> Result<String, ApiError> {
    if identifier.text.chars().count() > IDENTIFIER_CHARACTERS {
        let complaint = format!("An identifier has at most {IDENTIFIER_CHARACTERS} characters.");
        return Err(Error::detail(complaint).into());
    }
    Ok(identifier.text)
}
