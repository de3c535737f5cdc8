//! A flag.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ReadFlags;
use liftgate_app::flags::whole;
use liftgate_model::FeatureId;

use super::guard::HiddenEnvironment;
use super::wire::FlagBody;
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;

/// What a flag does in an environment, identities aside.
#[utoipa::path(get, path = "/api/__future__/environments/{environment_key}/features/{feature_id}/", tag = "flag-writes",
    responses((status = 200, body = FlagBody)))]
pub async fn read(
    HiddenEnvironment(on): HiddenEnvironment<ReadFlags>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
) -> Result<Reply<FlagBody>, ApiError> {
    Ok(Reply(whole::read(&app, &on, feature).await?.into()))
}
