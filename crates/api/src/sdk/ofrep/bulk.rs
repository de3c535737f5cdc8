//! All flags.

use axum::extract::{Request, State};
use axum::http::header::ETAG;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use liftgate_delivery::{EnvironmentSnapshot, entity_tag};

use super::context::Context;
use super::key::OfrepKey;
use super::{OfrepError, identify};
use crate::extract::Query;
use crate::sdk::{SdkState, conditional, reply};

/// Seconds after which a page that nobody looks at may leave the stream.
const INACTIVITY_SECONDS: u32 = 120;

/// What a client says that heard of a change: it must not be told that nothing changed.
const REFETCH: [&str; 2] = ["flagConfigEtag", "flagConfigLastModified"];

/// Evaluates all flags (OFREP).
#[utoipa::path(
    post,
    path = "/ofrep/v1/evaluate/flags",
    tag = "ofrep",
    params(
        ("flagConfigEtag" = Option<String>, Query, description = "The change that the client heard of."),
        ("flagConfigLastModified" = Option<String>, Query, description = "When that change was made."),
    ),
    responses(
        (status = 200, description = "`flags`, each as a single evaluation answers it; `eventStreams` where the project has realtime updates."),
        (status = 304, description = "The caller's copy is the current one."),
        (status = 400, description = "The body or the context cannot be read."),
    ),
)]
pub(super) async fn evaluate(
    OfrepKey(key): OfrepKey,
    State(state): State<SdkState>,
    query: Query,
    request: Request,
) -> Result<Response, OfrepError> {
    let headers = request.headers().clone();
    let identified = identify(&key, &state, Context::read(request).await?).await?;
    let flags = match &identified {
        Some(identified) => identified.ofrep_flags(),
        None => key.snapshot.ofrep_flags(key.kind),
    };
    let streams = event_streams(&key.snapshot);
    let body = Bytes::from([br#"{"flags":"#.as_slice(), &flags, streams.as_bytes(), b"}"].concat());
    let etag = entity_tag(&body);
    let is_refetch = REFETCH.iter().any(|name| query.get(name).is_some());
    let response = if !is_refetch && conditional::names_tag(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        reply::json(body)
    };
    let mut response = reply::vary_ofrep(response);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    Ok(response)
}

/// The member that says where the client is told of changes, with the comma before it; nothing where it is told of none.
/// The stream is named by its path, which proxies leave as it is.
fn event_streams(snapshot: &EnvironmentSnapshot) -> String {
    if !snapshot.sends_updates() {
        return String::new();
    }
    let key = snapshot.api_key();
    format!(
        r#","eventStreams":[{{"type":"sse","endpoint":{{"requestUri":"/ofrep/v1/environments/{key}/stream"}},"inactivityDelaySec":{INACTIVITY_SECONDS}}}]"#
    )
}
