//! All flags.

use axum::extract::{Request, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use liftgate_delivery::entity_tag;

use super::context::Context;
use super::key::OfrepKey;
use super::{OfrepError, identify};
use crate::extract::Query;
use crate::sdk::{SdkState, conditional, prepared, reply};

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
    let is_refetch = REFETCH.iter().any(|name| query.get(name).is_some());
    let identified = identify(&key, &state, Context::read(request).await?).await?;
    let response = match identified {
        Some(identified) => own(&headers, identified.ofrep_answer(), is_refetch),
        None => prepared::evaluated(&headers, key.snapshot.ofrep_flags(key.kind), is_refetch).await,
    };
    Ok(reply::vary_on(response, &reply::OFREP))
}

/// An answer made for one caller.
fn own(headers: &HeaderMap, body: Bytes, is_refetch: bool) -> Response {
    let etag = entity_tag(&body);
    let mut response = if !is_refetch && conditional::names_tag(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        reply::json(body)
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}
