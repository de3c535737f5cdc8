//! The headers of every answer (contract, admin API, section 0.2).

use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, EXPIRES, PRAGMA, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

use liftgate_app::warnings::Warning;

use super::RequestId;
use crate::COMPATIBLE_VERSION;

const VERSION: HeaderName = HeaderName::from_static("flagsmith-version");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const WARNING: HeaderName = HeaderName::from_static("liftgate-warning");
const NEVER: HeaderValue =
    HeaderValue::from_static("max-age=0, no-cache, no-store, must-revalidate, private");

/// How many headers the frame adds at most, apart from warnings.
const ADDED: usize = 12;

/// Adds what every answer carries; what a handler set stays.
pub(super) fn add(headers: &mut HeaderMap, id: &RequestId, never_cache: bool) {
    // Once, instead of growing step by step.
    headers.reserve(ADDED);
    headers.insert(VERSION, HeaderValue::from_static(COMPATIBLE_VERSION));
    if let Some(id) = id.header() {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
    headers
        .entry(VARY)
        .or_insert(HeaderValue::from_static("Accept, Cookie, Origin"));
    if never_cache && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, NEVER);
        headers.insert(EXPIRES, HeaderValue::from_static("0"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    }
}

/// Adds what the use-case warned of, a line each: `experiment_running; experiment=7`.
pub(super) fn add_warnings(headers: &mut HeaderMap, warnings: Vec<Warning>) {
    for warning in warnings {
        let Warning::ExperimentRunning(experiment) = warning;
        let text = format!("experiment_running; experiment={experiment}");
        headers.extend(HeaderValue::from_str(&text).ok().map(|text| (WARNING, text)));
    }
}

/// Adds the methods of the path, except to pages.
pub(super) fn add_allow(response: &mut Response, allow: HeaderValue) {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes().starts_with(b"text/html"));
    if is_page {
        response.headers_mut().remove(ALLOW);
    } else {
        response.headers_mut().insert(ALLOW, allow);
    }
}
