//! Sending what a snapshot holds ready: in the coding that the caller prefers, or not at all where the caller has it.

use axum::http::header::{CONTENT_ENCODING, ETAG, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use liftgate_delivery::{Encoding, PreparedAnswer};
use liftgate_model::Timestamp;

use super::{coding, conditional, reply};

/// The answer to a reading request, with both validators.
pub(super) async fn read(headers: &HeaderMap, answer: &PreparedAnswer, now: Timestamp) -> Response {
    let encoding = coding::choose(headers, answer.is_worth_compressing());
    let is_current = conditional::has_current_copy(headers, answer, encoding, now);
    let mut response = reply::vary_on(send(answer, encoding, is_current).await, &reply::PREPARED);
    set(&mut response, LAST_MODIFIED, answer.last_modified(now));
    response
}

/// The answer to an evaluation, which is a POST: its entity tag alone decides, unless the caller wants it anyway.
pub(super) async fn evaluated(headers: &HeaderMap, answer: &PreparedAnswer, is_refetch: bool) -> Response {
    let encoding = coding::choose(headers, answer.is_worth_compressing());
    let is_current = !is_refetch && conditional::names_tag(headers, answer.etag(encoding));
    send(answer, encoding, is_current).await
}

async fn send(answer: &PreparedAnswer, encoding: Encoding, is_current: bool) -> Response {
    let (encoding, mut response) = if is_current {
        (encoding, StatusCode::NOT_MODIFIED.into_response())
    } else {
        let (encoding, body) = answer.encoded(encoding).await;
        let mut response = reply::json(body);
        if let Some(name) = encoding.name() {
            set(&mut response, CONTENT_ENCODING, name);
        }
        (encoding, response)
    };
    set(&mut response, ETAG, answer.etag(encoding));
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
