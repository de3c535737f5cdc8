//! Errors written out where path and request id are known: a fault of ours is logged, once and with its causes, and gets
//! an id to find it by; Liftgate's own paths answer problem details.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use serde_json::{Value, json};

use super::RequestId;
use crate::error::{Failure, problem};
use crate::json;

/// Finishes an answer that tells of an error; others pass.
pub(super) fn finish(mut response: Response, is_own: bool, id: &RequestId) -> Response {
    let Some(Failure(error)) = response.extensions_mut().remove() else {
        return response;
    };
    let fault = error.fault();
    if let Some(fault) = &fault {
        tracing::error!(error = %fault, "the request failed");
    }
    if is_own {
        rewrite(
            response,
            problem::MEDIA_TYPE,
            &problem::details(&error, id.as_str()),
        )
    } else if fault.is_some() {
        rewrite(
            response,
            "application/json",
            &json!({"detail": error.detail(), "id": id.as_str()}),
        )
    } else {
        response
    }
}

fn rewrite(mut response: Response, media_type: &'static str, body: &Value) -> Response {
    *response.body_mut() = Body::from(json::to_ascii(body).unwrap_or_default());
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
