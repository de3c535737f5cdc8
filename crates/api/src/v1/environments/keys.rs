//! The server-side keys of an environment, always shown in full. A key is accepted, or refused, everywhere on this node
//! when the change is answered.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::Admin;
use liftgate_app::environments::{self, KeyChange, NewKey};
use liftgate_model::environment::EnvironmentKey;
use liftgate_model::{EnvironmentKeyId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::{Created, NoContent, Reply};

/// Longest name.
const NAME_CHARACTERS: usize = 100;

/// A server-side key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EnvironmentApiKey)]
pub struct KeyBody {
    id: i32,
    #[schema(example = "ser.dXfDUk594qiC6HH7Qmxbbj")]
    key: String,
    active: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    name: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<EnvironmentKey> for KeyBody {
    fn from(key: EnvironmentKey) -> Self {
        Self {
            id: key.id.0,
            key: key.key,
            active: key.active,
            created_at: key.created_at,
            name: key.name,
            expires_at: key.expires_at,
        }
    }
}

/// A server-side key to be made or changed.
#[derive(ToSchema)]
pub struct KeyInput {
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[schema(value_type = Option<bool>)]
    active: Patch<bool>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Patch<Timestamp>,
}

impl Parse for KeyInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).change_required();
        let active = form.boolean("active").change();
        let expires_at = form.datetime("expires_at").nullable().change();
        Some(Self {
            name: name?,
            active: active?,
            expires_at: expires_at?,
        })
    }
}

impl From<KeyInput> for NewKey {
    fn from(input: KeyInput) -> Self {
        Self {
            name: input.name.value().unwrap_or_default(),
            active: input.active.value().unwrap_or(true),
            expires_at: input.expires_at.value(),
        }
    }
}

impl From<KeyInput> for KeyChange {
    fn from(input: KeyInput) -> Self {
        Self {
            name: input.name.value(),
            active: input.active.value(),
            expires_at: input.expires_at.change(),
        }
    }
}

/// The keys.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/api-keys/", tag = "environments",
    responses((status = 200, body = Vec<KeyBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<KeyBody>>, ApiError> {
    let keys = environments::list_keys(&app, &on).await?;
    Ok(Reply(keys.into_iter().map(Into::into).collect()))
}

/// Makes a key.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/api-keys/", tag = "environments",
    request_body = KeyInput, responses((status = 201, body = KeyBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<KeyBody>, ApiError> {
    let input: KeyInput = body.parse(Mode::Create)?;
    Ok(Created::new(
        environments::create_key(&app, &on, input.into()).await?.into(),
    ))
}

/// Changes a key.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/api-keys/{environment_key_id}/",
    tag = "environments", request_body = KeyInput, responses((status = 200, body = KeyBody)))]
pub async fn update(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<EnvironmentKeyId>,
    body: Body,
) -> Result<Reply<KeyBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Put).await
}

/// Changes some things about a key.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/api-keys/{environment_key_id}/",
    tag = "environments", request_body = KeyInput, responses((status = 200, body = KeyBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<EnvironmentKeyId>,
    body: Body,
) -> Result<Reply<KeyBody>, ApiError> {
    change(&app, &on, id, &body, Mode::Patch).await
}

/// Removes a key.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/api-keys/{environment_key_id}/",
    tag = "environments", responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<EnvironmentKeyId>,
) -> Result<NoContent, ApiError> {
    environments::delete_key(&app, &on, id).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: EnvironmentKeyId,
    body: &Body,
    mode: Mode,
) -> Result<Reply<KeyBody>, ApiError> {
    let input: KeyInput = body.parse(mode)?;
    Ok(Reply(
        environments::update_key(app, on, id, input.into()).await?.into(),
    ))
}
