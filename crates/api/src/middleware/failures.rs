//! Errors written out where path and request id are known: a fault of ours is logged, once and with its causes, and gets
//! an id to find it by; Liftgate's own paths answer problem details, those of OFREP its errors.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use serde_json::{Value, json};

use super::RequestId;
use crate::error::{Failure, problem};
use crate::json;
use crate::sdk::ofrep::error as ofrep;

/// The shape of the errors of a path.
pub(super) enum Shape {
    /// As Flagsmith has them.
    Compatible,
    /// Problem details, on paths of our own.
    Problem,
    /// OFREP's, for this path.
    Ofrep(String),
}

impl Shape {
    pub fn of(path: &str) -> Self {
        if path.starts_with(problem::OWN_PATHS) {
            Self::Problem
        } else if ofrep::applies(path) {
            Self::Ofrep(path.to_owned())
        } else {
            Self::Compatible
        }
    }
}

/// Finishes an answer that tells of an error; others pass.
pub(super) fn finish(mut response: Response, shape: &Shape, id: &RequestId) -> Response {
    let Some(Failure(error)) = response.extensions_mut().remove() else {
        return response;
    };
    let fault = error.fault();
    if let Some(fault) = &fault {
        tracing::error!(error = %fault, "the request failed");
    }
    match shape {
        Shape::Problem => rewrite(
            response,
            problem::MEDIA_TYPE,
            &problem::details(&error, id.as_str()),
        ),
        Shape::Ofrep(path) if !error.is_unknown_path() => ofrep::answer(path, &error),
        Shape::Compatible | Shape::Ofrep(_) if fault.is_some() => rewrite(
            response,
            "application/json",
            &json!({"detail": error.detail(), "id": id.as_str()}),
        ),
        Shape::Compatible | Shape::Ofrep(_) => response,
    }
}

fn rewrite(mut response: Response, media_type: &'static str, body: &Value) -> Response {
    *response.body_mut() = Body::from(json::to_ascii(body).unwrap_or_default());
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
