//! The defaults of an environment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::{UpdateFeatureState, ViewEnvironment};
use liftgate_app::states::{self, ListStates};
use liftgate_model::{FeatureId, FeatureStateId};

use super::body::{self, StateInput};
use super::wire::{ListedStateBody, PatchedState, PlainStateBody};
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId, Query};
use crate::form::{Form, Parse};
use crate::reply::{Created, NoContent, Paged, Reply};

/// What the query says.
struct ListQuery(ListStates);

impl Parse for ListQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.integer("feature").optional();
        let feature_name = form.text("feature_name").optional();
        let of_identities = form.has("anyIdentity");
        Some(Self(ListStates {
            feature: feature?.map(FeatureId),
            feature_name: feature_name?,
            of_identities,
        }))
    }
}

/// The live defaults of an environment; with `anyIdentity`, whatever its value, the overrides of identities instead.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/featurestates/", tag = "feature-states",
    params(("feature" = Option<i32>, Query), ("feature_name" = Option<String>, Query),
        ("anyIdentity" = Option<String>, Query), Page10),
    responses((status = 200, body = Paged<ListedStateBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    page: Page10,
    query: Query,
) -> Result<Reply<Paged<ListedStateBody>>, ApiError> {
    let query: ListQuery = query.parse()?;
    let found = states::list(&app, &on, query.0, page.slice()).await?;
    page.reply(found.map(ListedStateBody::from))
}

/// Makes the default of a feature that has none.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/featurestates/", tag = "feature-states",
    request_body = StateInput, responses((status = 201, body = PlainStateBody)))]
pub async fn create(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<PlainStateBody>, ApiError> {
    let new = body::new_default(&body)?;
    Ok(Created::new(states::create_default(&app, &on, new).await?.into()))
}

/// One live default.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/featurestates/{feature_state_id}/",
    tag = "feature-states", responses((status = 200, body = PlainStateBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureStateId>,
) -> Result<Reply<PlainStateBody>, ApiError> {
    Ok(Reply(states::find_default(&app, &on, id).await?.into()))
}

/// Changes a default; what is not mentioned stays.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/featurestates/{feature_state_id}/",
    tag = "feature-states", request_body = StateInput, responses((status = 200, body = PlainStateBody)))]
pub async fn put(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureStateId>,
    body: Body,
) -> Result<Reply<PlainStateBody>, ApiError> {
    let said = body::change(&body)?;
    let state = states::update_default(&app, &on, id, said.feature, said.environment, said.change).await?;
    Ok(Reply(state.into()))
}

/// Changes some things about a default, and answers two of them.
#[utoipa::path(patch, path = "/api/v1/environments/{environment_key}/featurestates/{feature_state_id}/",
    tag = "feature-states", request_body = StateInput, responses((status = 200, body = PatchedState)))]
pub async fn patch(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureStateId>,
    body: Body,
) -> Result<Reply<PatchedState>, ApiError> {
    let said = body::change(&body)?;
    let state = states::update_default(&app, &on, id, said.feature, said.environment, said.change).await?;
    Ok(Reply(state.into()))
}

/// Removes a default: the feature is no longer served.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_key}/featurestates/{feature_state_id}/",
    tag = "feature-states", responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureStateId>,
) -> Result<NoContent, ApiError> {
    states::delete_default(&app, &on, id).await?;
    Ok(NoContent)
}
