//! Problem details (RFC 9457): the form of errors on Liftgate's own paths.

use serde_json::{Map, Value};

use super::ApiError;

/// Paths under this answer problem details.
pub const OWN_PATHS: &str = "/api/liftgate/v1/";

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The problem details of an error.
///
/// `type` is `about:blank`, so `title` is the status in words. Members of our own: `request_id` always; `code`, a word
/// for programs, `errors` in the shape of the compatible API, and `retry_after_seconds`, where there are such.
pub fn details(error: &ApiError, request_id: &str) -> Value {
    let status = error.status();
    let mut details = Map::new();
    let mut add = |name: &str, value: Value| {
        details.insert(name.to_owned(), value);
    };
    add("type", Value::from("about:blank"));
    add("title", Value::from(status.canonical_reason().unwrap_or("Error")));
    add("status", Value::from(status.as_u16()));
    add("detail", Value::from(error.detail()));
    add("request_id", Value::from(request_id));
    if let Some(code) = error.code() {
        add("code", Value::from(code));
    }
    if let Some(errors) = error.errors() {
        add("errors", errors);
    }
    if let Some(seconds) = error.retry_after_seconds() {
        add("retry_after_seconds", Value::from(seconds));
    }
    Value::Object(details)
}
