//! Identities themselves.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{ManageIdentities, ViewIdentities};
use liftgate_app::identities::{self, Search};
use liftgate_model::IdentityId;

use super::wire::{IdentifierBody, IdentityBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, Page999, PathId, Query};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Paged, Reply};

/// The identities of an environment, oldest first. `q` is a part of the identifier, or all of it in quotation marks.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/identities/", tag = "identities",
    params(("environment_key" = String, Path), ("q" = Option<String>, Query), Page999),
    responses((status = 200, body = Paged<IdentityBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewIdentities>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<IdentityBody>>, ApiError> {
    let search = Search::parse(query.get("q").unwrap_or_default());
    let found = identities::list(&app, &on, &search, page.slice()).await?;
    page.reply(found.map(IdentityBody::from))
}

/// Makes an identity.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/identities/", tag = "identities",
    params(("environment_key" = String, Path)), request_body = IdentifierBody,
    responses((status = 201, body = IdentityBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<IdentityBody>, ApiError> {
    let new: IdentifierBody = body.parse(Mode::Create)?;
    let identifier = new.identifier.value().unwrap_or_default();
    Ok(Created::new(
        identities::create(&app, &on, &identifier).await?.into(),
    ))
}

/// One identity.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/", tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path)),
    responses((status = 200, body = IdentityBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewIdentities>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<IdentityId>,
) -> Result<Reply<IdentityBody>, ApiError> {
    Ok(Reply(identities::find(&app, &on, id).await?.into()))
}

/// Renames an identity.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/", tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path)), request_body = IdentifierBody,
    responses((status = 200, body = IdentityBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<IdentityId>,
    body: Body,
) -> Result<Reply<IdentityBody>, ApiError> {
    rename(&app, &on, id, body.parse(Mode::Put)?).await
}

/// Renames an identity, if an identifier is given.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/", tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path)), request_body = IdentifierBody,
    responses((status = 200, body = IdentityBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<IdentityId>,
    body: Body,
) -> Result<Reply<IdentityBody>, ApiError> {
    rename(&app, &on, id, body.parse(Mode::Patch)?).await
}

async fn rename(
    app: &App,
    on: &OnEnvironment<ManageIdentities>,
    id: IdentityId,
    new: IdentifierBody,
) -> Result<Reply<IdentityBody>, ApiError> {
    Ok(Reply(
        identities::update(app, on, id, new.identifier.value())
            .await?
            .into(),
    ))
}

/// Removes an identity with its traits and overrides.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/",
    tag = "identities", params(("environment_key" = String, Path), ("identity_id" = i32, Path)),
    responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<IdentityId>,
) -> Result<NoContent, ApiError> {
    identities::delete(&app, &on, id).await?;
    Ok(NoContent)
}
