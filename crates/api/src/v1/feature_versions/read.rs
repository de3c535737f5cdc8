//! Versions, and one of them.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::{App, versions};
use liftgate_model::FeatureId;

use super::wire::{PlacedVersionBody, VersionBody};
use crate::access::EnvironmentById;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Page999, PathId, PathUuid, Query};
use crate::form::{Form, Parse};
use crate::reply::{Paged, Reply};

/// What the query says.
struct ListQuery {
    is_live: Option<bool>,
}

impl Parse for ListQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let is_live = if form.has("is_live") {
            form.boolean("is_live").nullable().optional()
        } else {
            Some(None)
        };
        Some(Self { is_live: is_live? })
    }
}

/// The versions of a feature in an environment, the last to come into force first, unpublished ones before all.
#[utoipa::path(get, path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/",
    tag = "feature-versions", params(("is_live" = Option<bool>, Query), Page999),
    responses((status = 200, body = Paged<VersionBody>)))]
pub async fn list(
    EnvironmentById(on): EnvironmentById<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<VersionBody>>, ApiError> {
    let query: ListQuery = query.parse()?;
    let found = versions::list(&app, &on, feature, query.is_live, page.slice()).await?;
    page.reply(found.map(VersionBody::from))
}

/// One version, in any environment the caller sees.
#[utoipa::path(get, path = "/api/v1/environment-feature-versions/{uuid}/", tag = "feature-versions",
    responses((status = 200, body = PlacedVersionBody)))]
pub async fn read(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<PlacedVersionBody>, ApiError> {
    Ok(Reply(versions::find(&app, &actor, uuid).await?.into()))
}
