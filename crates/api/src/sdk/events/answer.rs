//! The answers of the ingestion server (contract, sdk-api section 9): text where it refuses, 401 without a key.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::reply::json_response;

/// Seconds until events that could not be stored are worth another try.
const RETRY_AFTER_SECONDS: u16 = 2;

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    /// How many events were taken.
    accepted: usize,
    /// The others, in order.
    rejected: Vec<Rejected>,
}

/// An event that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rejected {
    /// Its place in the batch, from 0.
    pub(super) index: usize,
    /// What is wrong with it.
    pub(super) error: String,
}

impl Taken {
    pub(super) fn new(accepted: usize, rejected: Vec<Rejected>) -> Self {
        Self { accepted, rejected }
    }
}

/// 202 even where nothing was taken: a client that got an error would send the same again for ever.
impl IntoResponse for Taken {
    fn into_response(self) -> Response {
        json_response(StatusCode::ACCEPTED, &self)
    }
}

/// Why a batch is not looked at.
#[derive(Debug)]
pub(super) enum EventsRefusal {
    /// 401.
    KeyMissing,
    /// 403.
    KeyRefused,
    /// 415: not JSON.
    NotJson,
    /// 415: compressed in an unknown way.
    Encoding,
    /// 400: the body cannot be read, and why.
    Unreadable(String),
    /// 400: there is no event in it.
    Empty,
    /// 429: the key may be used again after so many seconds.
    TooOften(u32),
    /// 503: nothing was stored.
    Unavailable,
    /// The body is too large, too slow or broken off.
    Body(ApiError),
}

impl IntoResponse for EventsRefusal {
    fn into_response(self) -> Response {
        let retry_after_seconds = match self {
            Self::TooOften(seconds) => Some(u64::from(seconds)),
            Self::Unavailable => Some(RETRY_AFTER_SECONDS.into()),
            _ => None,
        };
        let (status, detail) = match self {
            Self::KeyMissing => (
                StatusCode::UNAUTHORIZED,
                "missing X-Environment-Key header".to_owned(),
            ),
            Self::KeyRefused => (StatusCode::FORBIDDEN, "invalid environment key".to_owned()),
            Self::NotJson => {
                let detail = "Content-Type must be application/json".to_owned();
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            }
            Self::Encoding => {
                let detail = "Content-Encoding must be gzip or deflate".to_owned();
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            }
            Self::Unreadable(why) => (StatusCode::BAD_REQUEST, why),
            Self::Empty => {
                let body =
                    serde_json::json!({"accepted": 0, "rejected": [], "error": "events must be non-empty"});
                return json_response(StatusCode::BAD_REQUEST, &body);
            }
            Self::TooOften(_) => {
                let detail = "the environment key is used too often".to_owned();
                (StatusCode::TOO_MANY_REQUESTS, detail)
            }
            Self::Unavailable => {
                let detail = "events cannot be stored at the moment".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, detail)
            }
            Self::Body(error) => (error.status(), error.detail()),
        };
        let mut response = (status, detail).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        if let Some(seconds) = retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
