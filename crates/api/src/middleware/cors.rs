//! Pages of any origin may call the API, without credentials of the browser (contract, sdk-api section 1). Tokens and
//! keys travel in headers, so no site gains more than its visitor typed in.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Retry-After, ETag, Link, Liftgate-Warning, X-Flagsmith-Document-Updated-At, X-Request-Id",
);
const DAY_SECONDS: HeaderValue = HeaderValue::from_static("86400");

/// What SDKs and the dashboard send.
const HEADERS: &str = "accept, authorization, baggage, content-type, flagsmith-application-name, \
    flagsmith-application-version, flagsmith-sdk-user-agent, if-none-match, sentry-trace, traceparent, tracestate, \
    x-api-key, x-environment-key, x-requested-with";
/// Longest list of further headers that is granted.
const FURTHER_BYTES: usize = 1024;

/// Whether pages of other origins may read answers of the path: the API and what SDKs ask beside it.
pub(super) fn applies(path: &str) -> bool {
    ["/api/", "/v1/", "/ofrep/", "/sse/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        || path == "/version/"
}

/// The answer to a preflight, which carries no key and so is answered before anything is checked.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let headers = request.headers();
    let is_preflight = request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight || !applies(request.uri().path()) {
        return None;
    }
    let granted = match further(headers) {
        Some(further) => HeaderValue::from_str(&format!("{HEADERS}, {further}")).ok(),
        None => None,
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        granted.unwrap_or(HeaderValue::from_static(HEADERS)),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, DAY_SECONDS);
    headers.insert(
        VARY,
        HeaderValue::from_static("Origin, Access-Control-Request-Headers"),
    );
    Some(response)
}

/// Headers that a client added to its own; without credentials there is nothing to protect from them.
fn further(headers: &HeaderMap) -> Option<String> {
    let wanted = headers.get(ACCESS_CONTROL_REQUEST_HEADERS)?.to_str().ok()?;
    let names: Vec<HeaderName> = wanted
        .get(..FURTHER_BYTES.min(wanted.len()))?
        .split(',')
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .filter(|name| !HEADERS.split(", ").any(|known| name == known))
        .collect();
    let names: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Lets pages of any origin read the answer, errors too.
pub(super) fn share(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}
