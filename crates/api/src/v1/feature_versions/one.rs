//! Publishes a version, or throws it away.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::UpdateFeatureState;
use liftgate_app::{App, versions};
use liftgate_model::{FeatureId, Timestamp};
use utoipa::ToSchema;

use super::wire::PublishedBody;
use crate::access::EnvironmentById;
use crate::error::ApiError;
use crate::extract::{Body, PathId, PathUuid};
use crate::form::{Form, Mode, Parse};
use crate::reply::{NoContent, Reply};

/// From when a version is to be in force.
#[derive(Debug, ToSchema)]
#[schema(as = PublishFeatureVersion)]
pub struct PublishInput {
    /// The time; without one, the version's own, or now. A future time schedules it.
    #[schema(value_type = Option<String>, format = DateTime)]
    live_from: Option<Timestamp>,
}

impl Parse for PublishInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let live_from = form.datetime("live_from").nullable().optional();
        Some(Self {
            live_from: live_from?,
        })
    }
}

/// Removes a version that is not in force.
#[utoipa::path(delete, path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/",
    tag = "feature-versions", responses((status = 204)))]
pub async fn delete(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
) -> Result<NoContent, ApiError> {
    versions::delete(&app, &on, feature, uuid).await?;
    Ok(NoContent)
}

/// Publishes a version.
#[utoipa::path(post, path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/{uuid}/publish/",
    tag = "feature-versions", request_body = PublishInput, responses((status = 200, body = PublishedBody)))]
pub async fn publish(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    PathUuid(uuid): PathUuid,
    body: Body,
) -> Result<Reply<PublishedBody>, ApiError> {
    let input: PublishInput = body.parse(Mode::Create)?;
    let published = versions::publish(&app, &on, feature, uuid, input.live_from).await?;
    Ok(Reply(PublishedBody {
        live_from: published.version.live_from,
    }))
}
