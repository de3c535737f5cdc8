//! Answers of prepared bytes, and the headers of the data plane.

use axum::http::header::{CONTENT_TYPE, VARY};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use liftgate_app::{Error, error::Missing};
use liftgate_delivery::EnvironmentSnapshot;

use crate::error::ApiError;

const UPDATED_AT: HeaderName = HeaderName::from_static("x-flagsmith-document-updated-at");

/// What an answer depends on: the key.
const KEYED: HeaderValue = HeaderValue::from_static("Accept, Origin, X-Environment-Key");
/// What an answer that is held ready depends on: the key, and the coding it is in.
pub(super) const PREPARED: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Encoding, Origin, X-Environment-Key");
/// What an OFREP answer depends on: whichever header carries the key, and the coding it is in.
pub(super) const OFREP: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Encoding, Origin, X-Environment-Key, X-API-Key, Authorization");

/// 200 with JSON.
pub(super) fn json(body: Bytes) -> Response {
    let mut response = (StatusCode::OK, body).into_response();
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    vary(response)
}

/// An answer that depends on the key.
pub(super) fn vary(response: Response) -> Response {
    vary_on(response, &KEYED)
}

/// Says on which headers of the request an answer depends: one of the lists here.
pub(super) fn vary_on(mut response: Response, names: &HeaderValue) -> Response {
    response.headers_mut().insert(VARY, names.clone());
    response
}

/// Says when the answers of the environment last changed. A client of the contract fails on anything but a number.
pub(super) fn updated_at(snapshot: &EnvironmentSnapshot, mut response: Response) -> Response {
    let seconds = snapshot.updated_at().to_epoch_seconds();
    if let Ok(seconds) = HeaderValue::from_str(&seconds) {
        response.headers_mut().insert(UPDATED_AT, seconds);
    }
    response
}

/// 404 for a flag asked for by name.
pub(super) fn no_such_flag() -> ApiError {
    Error::NotFound(Missing::Text("Given feature not found".to_owned())).into()
}
