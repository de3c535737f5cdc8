//! The environment document, from which clients evaluate by themselves (contract, sdk-api section 5).

use axum::extract::State;
use axum::http::header::{ETAG, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{SdkState, ServerKey, conditional, reply};
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
    let document = key.snapshot.document();
    let response = if conditional::has_current_copy(&headers, document, state.clock.now()) {
        reply::vary(StatusCode::NOT_MODIFIED.into_response())
    } else {
        reply::json(document.body())
    };
    let mut response = reply::updated_at(&key.snapshot, response);
    for (name, value) in [
        (ETAG, document.etag()),
        (LAST_MODIFIED, document.last_modified().as_str()),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
