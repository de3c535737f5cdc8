//! Lists, makes, reads and removes links.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::overrides::{self, LinkPlace};
use liftgate_app::{App, Error};
use liftgate_model::account::Actor;
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId};
use serde_json::Value;

use super::guard::WritableLink;
use super::wire::{LinkBody, LinkInput, WrittenLinkBody};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathId, PathUuid, Query};
use crate::form::{Form, Mode, Parse, rule};
use crate::reply::{Created, NoContent, Paged, Reply};

/// What the query says.
struct ListQuery {
    environment: EnvironmentId,
    feature: FeatureId,
}

impl Parse for ListQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let environment = form.integer("environment").required();
        let feature = form.integer("feature").required();
        Some(Self {
            environment: EnvironmentId(environment?),
            feature: FeatureId(feature?),
        })
    }
}

/// The live links of a feature in an environment, strongest first.
#[utoipa::path(get, path = "/api/v1/features/feature-segments/", tag = "feature-segments",
    params(("environment" = i32, Query), ("feature" = i32, Query), Page10),
    responses((status = 200, body = Paged<LinkBody>)))]
pub async fn list(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    page: Page10,
    query: Query,
) -> Result<Reply<Paged<LinkBody>>, ApiError> {
    let ListQuery { environment, feature } = query.parse()?;
    let found = overrides::list(&app, &actor, environment, feature, page.slice()).await?;
    page.reply(found.map(LinkBody::from))
}

/// Makes a link without a state, last in priority.
#[utoipa::path(post, path = "/api/v1/features/feature-segments/", tag = "feature-segments", request_body = LinkInput,
    responses((status = 201, body = WrittenLinkBody)))]
pub async fn create(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<WrittenLinkBody>, ApiError> {
    let named = match body.value().get("environment") {
        Some(Value::Number(number)) => rule::integer_text(&number.to_string()),
        Some(Value::String(text)) => rule::integer_text(text),
        _ => None,
    };
    let named = named.and_then(|id| i32::try_from(id).ok()).map(EnvironmentId);
    let environment = named.ok_or_else(Error::forbidden)?;
    let place: LinkPlace = body.parse::<LinkInput>(Mode::Create)?.into();
    let (Some(feature), Some(segment)) = (place.feature, place.segment) else {
        return Err(Error::field("feature", "This field is required.").into());
    };
    let link = overrides::create(&app, &actor, environment, feature, segment).await?;
    Ok(Created::new(link.into()))
}

/// One link.
#[utoipa::path(get, path = "/api/v1/features/feature-segments/{feature_segment_id}/", tag = "feature-segments",
    responses((status = 200, body = LinkBody)))]
pub async fn read(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureSegmentId>,
) -> Result<Reply<LinkBody>, ApiError> {
    Ok(Reply(overrides::find(&app, &actor, id).await?.into()))
}

/// Confirms a link: nothing about it changes here.
#[utoipa::path(put, path = "/api/v1/features/feature-segments/{feature_segment_id}/", tag = "feature-segments",
    request_body = LinkInput, responses((status = 200, body = WrittenLinkBody)))]
pub async fn put(
    WritableLink { actor, id }: WritableLink,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<WrittenLinkBody>, ApiError> {
    confirm(&app, &actor, id, &body, Mode::Put).await
}

/// Confirms some things about a link: nothing about it changes here.
#[utoipa::path(patch, path = "/api/v1/features/feature-segments/{feature_segment_id}/", tag = "feature-segments",
    request_body = LinkInput, responses((status = 200, body = WrittenLinkBody)))]
pub async fn patch(
    WritableLink { actor, id }: WritableLink,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<WrittenLinkBody>, ApiError> {
    confirm(&app, &actor, id, &body, Mode::Patch).await
}

async fn confirm(
    app: &App,
    actor: &Actor,
    id: FeatureSegmentId,
    body: &Body,
    mode: Mode,
) -> Result<Reply<WrittenLinkBody>, ApiError> {
    let input: LinkInput = body.parse(mode)?;
    Ok(Reply(
        overrides::update(app, actor, id, input.into()).await?.into(),
    ))
}

/// Removes a segment override; weaker ones move up.
#[utoipa::path(delete, path = "/api/v1/features/feature-segments/{feature_segment_id}/", tag = "feature-segments",
    responses((status = 204)))]
pub async fn delete(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureSegmentId>,
) -> Result<NoContent, ApiError> {
    overrides::delete(&app, &actor, id).await?;
    Ok(NoContent)
}

/// One link by its public id, in any project the caller sees.
#[utoipa::path(get, path = "/api/v1/features/feature-segments/get-by-uuid/{uuid}/", tag = "feature-segments",
    responses((status = 200, body = LinkBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<LinkBody>, ApiError> {
    Ok(Reply(overrides::find_by_uuid(&app, &actor, uuid).await?.into()))
}
