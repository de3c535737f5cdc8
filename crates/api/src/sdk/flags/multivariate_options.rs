//! The values a feature can take.

use axum::response::Response;
use liftgate_app::Error;
use liftgate_model::FeatureId;

use crate::error::ApiError;
use crate::extract::PathId;
use crate::sdk::{EnvironmentKey, reply};

/// The values that a multivariate feature can take: the control value and the options.
#[utoipa::path(
    get,
    path = "/api/v1/flags/{feature_id}/multivariate-options/",
    tag = "sdk",
    responses((status = 200, description = "`control_value` and `options`.")),
)]
pub(super) async fn multivariate_options(
    key: EnvironmentKey,
    PathId(feature): PathId<FeatureId>,
) -> Result<Response, ApiError> {
    let options = key.snapshot.multivariate_options(key.kind, feature);
    let missing = || Error::missing("Feature").into();
    options.map(reply::json).ok_or_else(missing)
}
