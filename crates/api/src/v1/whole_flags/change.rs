//! Writes parts of a flag.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::WriteFlags;
use liftgate_app::flags::whole;
use liftgate_app::{App, Error};
use liftgate_model::FeatureId;

use super::guard::HiddenEnvironment;
use super::wire::{FlagBody, FlagInput};
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::Mode;
use crate::reply::Reply;

/// Writes the parts of a flag that are sent; what they leave out is reset.
#[utoipa::path(put, path = "/api/__future__/environments/{environment_key}/features/{feature_id}/", tag = "flag-writes",
    request_body = FlagInput, responses((status = 200, body = FlagBody)))]
pub async fn put(
    HiddenEnvironment(on): HiddenEnvironment<WriteFlags>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    body: Body,
) -> Result<Reply<FlagBody>, ApiError> {
    change(&app, &on, feature, &body, true).await
}

/// Writes what is sent of a flag.
#[utoipa::path(patch, path = "/api/__future__/environments/{environment_key}/features/{feature_id}/",
    tag = "flag-writes", request_body = FlagInput, responses((status = 200, body = FlagBody)))]
pub async fn patch(
    HiddenEnvironment(on): HiddenEnvironment<WriteFlags>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    body: Body,
) -> Result<Reply<FlagBody>, ApiError> {
    change(&app, &on, feature, &body, false).await
}

async fn change(
    app: &App,
    on: &OnEnvironment<WriteFlags>,
    feature: FeatureId,
    body: &Body,
    replace: bool,
) -> Result<Reply<FlagBody>, ApiError> {
    let fields = body.value();
    let fields = fields
        .as_object()
        .ok_or_else(|| Error::list("Expected an object."))?;
    let named = |name| fields.contains_key(name);
    whole::permit(on, named("environment_default"), named("segment_overrides"))?;
    let input: FlagInput = body.parse(Mode::Patch)?;
    let flag = whole::change(app, on, feature, input.into(), replace).await?;
    Ok(Reply(flag.into()))
}
