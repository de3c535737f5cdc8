//! The stored traits of an environment's identities, all together.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::{App, environments};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::VisibleEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{Form, Mode, Parse};
use crate::reply::Reply;

/// Longest key of a trait.
const KEY_CHARACTERS: usize = 200;

/// Keys of traits.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraitKeys {
    keys: Vec<String>,
}

/// The key of a trait.
#[derive(ToSchema)]
pub struct TraitKey {
    key: String,
}

impl Parse for TraitKey {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.text("key")
            .max(KEY_CHARACTERS)
            .required()
            .map(|key| Self { key })
    }
}

/// The keys of all stored traits.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/trait-keys/", tag = "environments",
    responses((status = 200, body = TraitKeys)))]
pub async fn keys(
    VisibleEnvironment(on): VisibleEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
) -> Result<Reply<TraitKeys>, ApiError> {
    let keys = environments::list_trait_keys(&app, &on).await?;
    Ok(Reply(TraitKeys { keys }))
}

/// Removes a trait from every identity.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/delete-traits/", tag = "environments",
    request_body = TraitKey, responses((status = 200)))]
pub async fn delete(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let TraitKey { key } = body.parse(Mode::Create)?;
    environments::delete_trait(&app, &on, &key).await?;
    Ok(StatusCode::OK)
}
