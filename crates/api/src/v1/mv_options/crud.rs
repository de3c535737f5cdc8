//! Lists, makes, reads, changes and deletes options.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnProject;
use liftgate_app::access::need::{Admin, CreateFeature, ViewProject};
use liftgate_app::{App, options};
use liftgate_model::{FeatureId, OptionId, Page};

use super::wire::{OptionInput, OptionWithFeature};
use crate::access::GuardedProject;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId, PathUuid};
use crate::form::Mode;
use crate::reply::{Created, NoContent, Paged, Reply};

/// The options of a feature, by id.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/features/{feature_id}/mv-options/", tag = "mv-options",
    params(Page10), responses((status = 200, body = Paged<OptionWithFeature>)))]
pub async fn list(
    GuardedProject(on): GuardedProject<ViewProject>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    page: Page10,
) -> Result<Reply<Paged<OptionWithFeature>>, ApiError> {
    let all = options::list(&app, &on, feature).await?;
    page.reply(Page::cut(all, page.slice()).map(Into::into))
}

/// Makes an option, with a share in every environment. The feature becomes multivariate.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/features/{feature_id}/mv-options/", tag = "mv-options",
    request_body = OptionInput, responses((status = 201, body = OptionWithFeature)))]
pub async fn create(
    GuardedProject(on): GuardedProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    body: Body,
) -> Result<Created<OptionWithFeature>, ApiError> {
    let input: OptionInput = body.parse(Mode::Create)?;
    let made = options::create(&app, &on, feature, input.into_new(feature)).await?;
    Ok(Created::new(made.into()))
}

/// One option.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/features/{feature_id}/mv-options/{option_id}/",
    tag = "mv-options", responses((status = 200, body = OptionWithFeature)))]
pub async fn read(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathId(id): PathId<OptionId>,
) -> Result<Reply<OptionWithFeature>, ApiError> {
    Ok(Reply(options::find(&app, &on, feature, id).await?.into()))
}

/// Changes an option, for every environment at once.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/features/{feature_id}/mv-options/{option_id}/",
    tag = "mv-options", request_body = OptionInput, responses((status = 200, body = OptionWithFeature)))]
pub async fn put(
    GuardedProject(on): GuardedProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathId(id): PathId<OptionId>,
    body: Body,
) -> Result<Reply<OptionWithFeature>, ApiError> {
    change(&app, &on, feature, id, body.parse(Mode::Put)?).await
}

/// Changes some things about an option.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/features/{feature_id}/mv-options/{option_id}/",
    tag = "mv-options", request_body = OptionInput, responses((status = 200, body = OptionWithFeature)))]
pub async fn patch(
    GuardedProject(on): GuardedProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathId(id): PathId<OptionId>,
    body: Body,
) -> Result<Reply<OptionWithFeature>, ApiError> {
    change(&app, &on, feature, id, body.parse(Mode::Patch)?).await
}

async fn change(
    app: &App,
    on: &OnProject<CreateFeature>,
    feature: FeatureId,
    id: OptionId,
    input: OptionInput,
) -> Result<Reply<OptionWithFeature>, ApiError> {
    Ok(Reply(
        options::update(app, on, feature, id, input.into()).await?.into(),
    ))
}

/// Removes an option and its shares everywhere.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/features/{feature_id}/mv-options/{option_id}/",
    tag = "mv-options", responses((status = 204)))]
pub async fn delete(
    GuardedProject(on): GuardedProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathId(id): PathId<OptionId>,
) -> Result<NoContent, ApiError> {
    options::delete(&app, &on, feature, id).await?;
    Ok(NoContent)
}

/// One option by its public id, in any project the caller sees.
#[utoipa::path(get, path = "/api/v1/multivariate/options/get-by-uuid/{uuid}/", tag = "mv-options",
    responses((status = 200, body = OptionWithFeature)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<OptionWithFeature>, ApiError> {
    Ok(Reply(options::find_by_uuid(&app, &actor, uuid).await?.into()))
}
