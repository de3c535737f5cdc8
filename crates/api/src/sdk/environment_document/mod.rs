//! The environment document, from which clients evaluate by themselves (contract, sdk-api section 5).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::{SdkState, ServerKey, prepared, reply};
use crate::error::ApiError;
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(read)
}

/// Everything a client needs to evaluate by itself, on one page.
#[utoipa::path(
    get,
    path = "/api/v1/environment-document/",
    tag = "sdk",
    responses(
        (status = 200, description = "The environment document."),
        (status = 304, description = "The caller's copy is the current one."),
    ),
)]
async fn read(
    key: ServerKey,
    State(state): State<SdkState>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let document = prepared::read(&headers, key.snapshot.document(), state.clock.now()).await;
    Ok(reply::updated_at(&key.snapshot, document))
}
