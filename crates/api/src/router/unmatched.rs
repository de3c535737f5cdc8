//! Paths that no route matches: a missing slash, the site, or nothing.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use crate::error::{ApiError, Refusal};
use crate::methods::Operations;

/// Answers a request that no route matches.
///
/// A path that only lacks its slash is sent there with 301, whatever the method, with the query kept and nothing in the
/// body (contract, admin API, section 0.2). Otherwise the site answers, except below `/api/`, where there is nothing.
pub(super) async fn answer(operations: Arc<Operations>, site: Option<Router>, request: Request) -> Response {
    let uri = request.uri();
    let path = uri.path();
    if operations.lacks_slash(path) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(location) = HeaderValue::from_bytes(format!("{path}/{query}").as_bytes()) {
            return (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response();
        }
    }
    match site {
        Some(site) if !path.starts_with("/api/") => match site.oneshot(request).await {
            Ok(response) if knows_nothing(&response) => nothing(),
            Ok(response) => response,
            Err(never) => match never {},
        },
        _ => nothing(),
    }
}

/// Whether the site has no page either: the answer of a router without a fallback, which says nothing.
fn knows_nothing(response: &Response) -> bool {
    response.status() == StatusCode::NOT_FOUND && !response.headers().contains_key(CONTENT_TYPE)
}

fn nothing() -> Response {
    ApiError::from(Refusal::NoSuchPath).into_response()
}
