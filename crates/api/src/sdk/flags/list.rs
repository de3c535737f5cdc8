//! All flags of an environment, or one.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::error::ApiError;
use crate::extract::Query;
use crate::sdk::{EnvironmentKey, SdkState, prepared, reply};

/// The flags of the environment.
///
/// A list of flags, or with `feature` one flag, whatever the case of the name.
#[utoipa::path(
    get,
    path = "/api/v1/flags/",
    tag = "sdk",
    params(("feature" = Option<String>, Query, description = "The name of the one feature to answer with.")),
    responses(
        (status = 200, description = "The flags as a list, or one flag."),
        (status = 304, description = "The caller's copy of the list is the current one."),
    ),
)]
pub(super) async fn list(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    // An empty name counts as one.
    if let Some(name) = query.get("feature") {
        let flag = key.snapshot.flag(key.kind, name);
        return flag.map(reply::json).ok_or_else(reply::no_such_flag);
    }
    let flags = key.snapshot.flags(key.kind);
    let flags = prepared::read(&headers, flags, state.clock.now()).await;
    Ok(reply::updated_at(&key.snapshot, flags))
}
