//! The environment document.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::{App, environments};

use crate::access::VisibleEnvironment;
use crate::error::ApiError;

/// The environment document, byte for byte as SDKs get it.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/document/", tag = "environments",
    responses((status = 200, content_type = "application/json")))]
pub async fn document(
    VisibleEnvironment(on): VisibleEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
) -> Result<Response, ApiError> {
    let snapshot = environments::document(&app, &on)?;
    let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(([json], snapshot.document().body()).into_response())
}
