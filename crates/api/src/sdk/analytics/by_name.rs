//! Counts by the names of features.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use liftgate_app::Error;
use serde_json::Value;

use super::EVALUATIONS;
use crate::error::ApiError;
use crate::extract::Body;
use crate::sdk::{EnvironmentKey, SdkState};

/// Counts evaluations. Names that are no feature's and what is no count are left out.
#[utoipa::path(
    post,
    path = "/api/v1/analytics/flags/",
    tag = "sdk",
    request_body = std::collections::BTreeMap<String, i32>,
    responses((status = 200, description = "Counted, without a body.")),
)]
pub(super) async fn report(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let body = body.value();
    let Value::Object(counts) = &*body else {
        return Err(Error::non_field("Expected a JSON object.").into());
    };
    let evaluations = counts.iter().filter_map(|(name, count)| {
        let count = count.as_i64().filter(|count| *count <= EVALUATIONS);
        Some((name.as_str(), count?))
    });
    super::count(&key, &state, &headers, evaluations);
    Ok(StatusCode::OK)
}
