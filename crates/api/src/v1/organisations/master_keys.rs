//! Organisation-wide API keys, looked up by their prefix. The key itself is in the answer to its creation only.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnOrganisation;
use liftgate_app::access::need::Admin;
use liftgate_app::organisations::{self, MasterKeyChange, NewMasterKey};
use liftgate_model::account::MasterKey;
use liftgate_model::{Secret, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::OrganisationInPerson;
use crate::error::ApiError;
use crate::extract::path::TextName;
use crate::extract::{Body, Page10, PathText};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::{Created, NoContent, Paged, Reply};

/// Longest name.
const NAME_CHARACTERS: usize = 50;

/// A master key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MasterKey)]
pub struct MasterKeyBody {
    /// The prefix and the SHA-256 of the key.
    id: String,
    prefix: String,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    name: String,
    revoked: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    expiry_date: Option<Timestamp>,
    /// Only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    is_admin: bool,
    has_expired: bool,
    created_by: Option<i32>,
}

impl MasterKeyBody {
    fn new(key: MasterKey, secret: Option<&Secret>, now: Timestamp) -> Self {
        Self {
            id: format!("{}.{}", key.prefix, key.hash),
            prefix: key.prefix,
            created: key.created_at,
            name: key.name,
            revoked: key.revoked,
            expiry_date: key.expires_at,
            key: secret.map(|secret| secret.expose().to_owned()),
            is_admin: key.is_admin,
            has_expired: key.expires_at.is_some_and(|at| at <= now),
            created_by: key.created_by.map(|id| id.0),
        }
    }
}

/// A master key to be made or changed.
#[derive(ToSchema)]
pub struct MasterKeyInput {
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[schema(value_type = Option<bool>)]
    revoked: Patch<bool>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expiry_date: Patch<Timestamp>,
    /// Only true is accepted: there are no roles a key could have instead.
    #[expect(dead_code, reason = "checked while it is read")]
    is_admin: bool,
}

impl Parse for MasterKeyInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).change_required();
        let revoked = form.boolean("revoked").change();
        let expiry_date = form.datetime("expiry_date").nullable().change();
        let is_admin = form.boolean("is_admin").or(true);
        if is_admin == Some(false) {
            form.refuse("is_admin", "RBAC is not installed, cannot create non-admin key");
            return None;
        }
        Some(Self {
            name: name?,
            revoked: revoked?,
            expiry_date: expiry_date?,
            is_admin: is_admin?,
        })
    }
}

impl From<MasterKeyInput> for MasterKeyChange {
    fn from(input: MasterKeyInput) -> Self {
        Self {
            name: input.name.value(),
            revoked: input.revoked.value(),
            expires_at: input.expiry_date.change(),
        }
    }
}

/// The prefix in the path.
#[derive(Debug)]
pub struct Prefix;

impl TextName for Prefix {
    const NAME: &'static str = "prefix";
}

/// The keys that are not revoked.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/master-api-keys/", tag = "master-api-keys",
    params(Page10), responses((status = 200, body = Paged<MasterKeyBody>)))]
pub async fn list(
    OrganisationInPerson(on): OrganisationInPerson,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<MasterKeyBody>>, ApiError> {
    let found = organisations::list_master_keys(&app, &on, page.slice()).await?;
    let now = app.clock().now();
    page.reply(found.map(|key| MasterKeyBody::new(key, None, now)))
}

/// Makes a key, and shows it this once.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/master-api-keys/", tag = "master-api-keys",
    request_body = MasterKeyInput, responses((status = 201, body = MasterKeyBody)))]
pub async fn create(
    OrganisationInPerson(on): OrganisationInPerson,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<MasterKeyBody>, ApiError> {
    let input: MasterKeyInput = body.parse(Mode::Create)?;
    let new = NewMasterKey {
        name: input.name.value().unwrap_or_default(),
        expires_at: input.expiry_date.value(),
    };
    let (key, secret) = organisations::create_master_key(&app, &on, new).await?;
    Ok(Created::new(MasterKeyBody::new(
        key,
        Some(&secret),
        app.clock().now(),
    )))
}

/// One key.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/master-api-keys/{prefix}/",
    tag = "master-api-keys", responses((status = 200, body = MasterKeyBody)))]
pub async fn read(
    OrganisationInPerson(on): OrganisationInPerson,
    State(app): State<Arc<App>>,
    prefix: PathText<Prefix>,
) -> Result<Reply<MasterKeyBody>, ApiError> {
    let key = organisations::find_master_key(&app, &on, &prefix.text).await?;
    Ok(Reply(MasterKeyBody::new(key, None, app.clock().now())))
}

/// Changes a key.
#[utoipa::path(put, path = "/api/v1/organisations/{organisation_id}/master-api-keys/{prefix}/",
    tag = "master-api-keys", request_body = MasterKeyInput, responses((status = 200, body = MasterKeyBody)))]
pub async fn update(
    OrganisationInPerson(on): OrganisationInPerson,
    State(app): State<Arc<App>>,
    prefix: PathText<Prefix>,
    body: Body,
) -> Result<Reply<MasterKeyBody>, ApiError> {
    change(&app, &on, &prefix.text, &body, Mode::Put).await
}

/// Changes some things about a key.
#[utoipa::path(patch, path = "/api/v1/organisations/{organisation_id}/master-api-keys/{prefix}/",
    tag = "master-api-keys", request_body = MasterKeyInput, responses((status = 200, body = MasterKeyBody)))]
pub async fn patch(
    OrganisationInPerson(on): OrganisationInPerson,
    State(app): State<Arc<App>>,
    prefix: PathText<Prefix>,
    body: Body,
) -> Result<Reply<MasterKeyBody>, ApiError> {
    change(&app, &on, &prefix.text, &body, Mode::Patch).await
}

/// Removes a key; it is refused from now on.
#[utoipa::path(delete, path = "/api/v1/organisations/{organisation_id}/master-api-keys/{prefix}/",
    tag = "master-api-keys", responses((status = 204)))]
pub async fn delete(
    OrganisationInPerson(on): OrganisationInPerson,
    State(app): State<Arc<App>>,
    prefix: PathText<Prefix>,
) -> Result<NoContent, ApiError> {
    organisations::delete_master_key(&app, &on, &prefix.text).await?;
    Ok(NoContent)
}

async fn change(
    app: &App,
    on: &OnOrganisation<Admin>,
    prefix: &str,
    body: &Body,
    mode: Mode,
) -> Result<Reply<MasterKeyBody>, ApiError> {
    let input: MasterKeyInput = body.parse(mode)?;
    let key = organisations::update_master_key(app, on, prefix, input.into()).await?;
    Ok(Reply(MasterKeyBody::new(key, None, app.clock().now())))
}
