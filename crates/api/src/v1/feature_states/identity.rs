//! The overrides of an identity.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::{UpdateFeatureState, ViewEnvironment};
use liftgate_app::flags::identity_overrides as overrides;
use liftgate_model::{FeatureStateId, IdentityId, Page};

use super::body::{self, StateInput};
use super::wire::{ListedStateBody, PatchedState, PlainStateBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId};
use crate::reply::{Created, NoContent, Paged, Reply};

/// The overrides of an identity, by id.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/",
    tag = "identities", params(Page10), responses((status = 200, body = Paged<ListedStateBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    page: Page10,
) -> Result<Reply<Paged<ListedStateBody>>, ApiError> {
    let (identity, states) = overrides::list(&app, &on, identity).await?;
    let shown = Page::cut(states, page.slice());
    page.reply(shown.map(|state| ListedStateBody::of(&state, Some(&identity))))
}

/// Makes an override for an identity.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/",
    tag = "identities", request_body = StateInput, responses((status = 201, body = PlainStateBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    body: Body,
) -> Result<Created<PlainStateBody>, ApiError> {
    let new = body::new_override(&body)?;
    Ok(Created::new(
        overrides::create(&app, &on, identity, new).await?.into(),
    ))
}

/// One override of an identity.
#[utoipa::path(get,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/{feature_state_id}/",
    tag = "identities", responses((status = 200, body = PlainStateBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<FeatureStateId>,
) -> Result<Reply<PlainStateBody>, ApiError> {
    Ok(Reply(overrides::find(&app, &on, identity, id).await?.into()))
}

/// Changes an override of an identity; what is not mentioned stays.
#[utoipa::path(put,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/{feature_state_id}/",
    tag = "identities", request_body = StateInput, responses((status = 200, body = PlainStateBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<FeatureStateId>,
    body: Body,
) -> Result<Reply<PlainStateBody>, ApiError> {
    let change = body::change(&body)?.change;
    Ok(Reply(
        overrides::update(&app, &on, identity, id, change).await?.into(),
    ))
}

/// Changes some things about an override of an identity, and answers two of them.
#[utoipa::path(patch,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/{feature_state_id}/",
    tag = "identities", request_body = StateInput, responses((status = 200, body = PatchedState)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<FeatureStateId>,
    body: Body,
) -> Result<Reply<PatchedState>, ApiError> {
    let change = body::change(&body)?.change;
    Ok(Reply(
        overrides::update(&app, &on, identity, id, change).await?.into(),
    ))
}

/// Removes an override of an identity.
#[utoipa::path(delete,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/{feature_state_id}/",
    tag = "identities", responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    PathId(id): PathId<FeatureStateId>,
) -> Result<NoContent, ApiError> {
    overrides::delete(&app, &on, identity, id).await?;
    Ok(NoContent)
}
