//! Reads and writes stored traits.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{ManageIdentities, ViewIdentities};
use liftgate_app::identities::traits;
use liftgate_model::{IdentityId, TraitId};

use super::wire::{TraitBody, TraitForm};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId, Query};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Paged, Reply};

/// The stored traits of an identity, by id.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/traits/",
    tag = "identities", params(("environment_key" = String, Path), ("identity_id" = i32, Path), Page10),
    responses((status = 200, body = Paged<TraitBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewIdentities>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    page: Page10,
) -> Result<Reply<Paged<TraitBody>>, ApiError> {
    let found = traits::list(&app, &on, identity, page.slice()).await?;
    page.reply(found.map(TraitBody::from))
}

/// Stores a trait of an identity that has none of its key.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/traits/",
    tag = "identities", params(("environment_key" = String, Path), ("identity_id" = i32, Path)),
    request_body = TraitForm, responses((status = 201, body = TraitBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    body: Body,
) -> Result<Created<TraitBody>, ApiError> {
    let new: TraitForm = body.parse(Mode::Create)?;
    let (key, value) = new.over(None)?;
    let created = traits::create(&app, &on, identity, &key, &value).await?;
    Ok(Created::new(created.into()))
}

/// One stored trait.
#[utoipa::path(get,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/traits/{trait_id}/",
    tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path), ("trait_id" = i32, Path)),
    responses((status = 200, body = TraitBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewIdentities>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<TraitId>,
) -> Result<Reply<TraitBody>, ApiError> {
    Ok(Reply(traits::find(&app, &on, identity, id).await?.into()))
}

/// Changes a stored trait: its key must be given.
#[utoipa::path(put,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/traits/{trait_id}/",
    tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path), ("trait_id" = i32, Path)),
    request_body = TraitForm, responses((status = 200, body = TraitBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<TraitId>,
    body: Body,
) -> Result<Reply<TraitBody>, ApiError> {
    change(&app, &on, identity, id, body.parse(Mode::Put)?).await
}

/// Changes what is given about a stored trait.
#[utoipa::path(patch,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/traits/{trait_id}/",
    tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path), ("trait_id" = i32, Path)),
    request_body = TraitForm, responses((status = 200, body = TraitBody)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<TraitId>,
    body: Body,
) -> Result<Reply<TraitBody>, ApiError> {
    change(&app, &on, identity, id, body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<ManageIdentities>,
    identity: IdentityId,
    id: TraitId,
    form: TraitForm,
) -> Result<Reply<TraitBody>, ApiError> {
    let changed = traits::update(app, on, identity, id, |stored| form.over(Some(stored))).await?;
    Ok(Reply(changed.into()))
}

/// Removes a stored trait; with `deleteAllMatchingTraits=true` its key from every identity of the environment.
#[utoipa::path(delete,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/traits/{trait_id}/",
    tag = "identities",
    params(("environment_key" = String, Path), ("identity_id" = i32, Path), ("trait_id" = i32, Path),
        ("deleteAllMatchingTraits" = Option<bool>, Query)),
    responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<ManageIdentities>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<TraitId>,
    query: Query,
) -> Result<NoContent, ApiError> {
    let everywhere = matches!(query.get("deleteAllMatchingTraits"), Some("true" | "True"));
    traits::delete(&app, &on, identity, id, everywhere).await?;
    Ok(NoContent)
}
