//! Errors as OFREP has them: always with `errorDetails`, and with `key` where one flag was asked for, because clients
//! read nothing of a body without them.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use liftgate_delivery::KeyRefusal;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::error::ApiError;
use crate::reply::json_response;
use crate::sdk::{key, reply};

/// Where evaluations are asked for.
const EVALUATIONS: &str = "/ofrep/v1/evaluate/flags";

/// Whether a request for this path is to be answered in OFREP's shape, also where no handler came to answer it.
pub(crate) fn applies(path: &str) -> bool {
    path.strip_prefix(EVALUATIONS)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An error that something before or around the handlers met: a body or an address that is too long, a method, a limit
/// of time, a panic.
pub(crate) fn answer(path: &str, error: &ApiError) -> Response {
    let name = path.strip_prefix(EVALUATIONS).unwrap_or_default();
    let error = OfrepError::from(error);
    let error = match name.strip_prefix('/') {
        Some(name) if !name.is_empty() => error.about(&percent_decode_str(name).decode_utf8_lossy()),
        _ => error,
    };
    error.into_response()
}

/// Why an evaluation failed.
#[derive(Debug)]
pub struct OfrepError {
    status: StatusCode,
    code: Option<Code>,
    details: String,
    key: Option<String>,
    retry_after: Option<HeaderValue>,
}

/// The words of the protocol.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Code {
    FlagNotFound,
    ParseError,
    InvalidContext,
    General,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<Code>,
    error_details: &'a str,
}

impl OfrepError {
    /// 400.
    pub(super) fn bad(code: Code, details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some(code), details)
    }

    /// 404 for a flag.
    pub(super) fn no_such_flag(key: &str) -> Self {
        let details = format!("There is no flag {key:?} for this caller.");
        Self::new(StatusCode::NOT_FOUND, Some(Code::FlagNotFound), details).about(key)
    }

    /// The same about one flag.
    pub(super) fn about(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    fn new(status: StatusCode, code: Option<Code>, details: impl Into<String>) -> Self {
        Self {
            status,
            code,
            details: details.into(),
            key: None,
            retry_after: None,
        }
    }
}

impl From<KeyRefusal> for OfrepError {
    fn from(refusal: KeyRefusal) -> Self {
        let (status, details) = match refusal {
            KeyRefusal::TooOften { retry_after_seconds } => {
                return Self::from(&key::too_often(retry_after_seconds));
            }
            KeyRefusal::Missing => (StatusCode::UNAUTHORIZED, "There is no environment key."),
            KeyRefusal::Unknown | KeyRefusal::Inactive | KeyRefusal::Expired => {
                (StatusCode::UNAUTHORIZED, "The environment key is refused.")
            }
            KeyRefusal::OrganisationStopped => (
                StatusCode::FORBIDDEN,
                "Organisation is disabled from serving flags.",
            ),
        };
        Self::new(status, None, details)
    }
}

impl From<ApiError> for OfrepError {
    fn from(error: ApiError) -> Self {
        if let Some(fault) = error.fault() {
            tracing::error!(error = %fault, "the evaluation failed");
        }
        Self::from(&error)
    }
}

impl From<&ApiError> for OfrepError {
    fn from(error: &ApiError) -> Self {
        let (status, details) = (error.status(), error.detail());
        let code = match status {
            StatusCode::BAD_REQUEST => Some(Code::ParseError),
            status if status.is_client_error() => Some(Code::General),
            _ => None,
        };
        Self {
            retry_after: error.retry_after_seconds().map(HeaderValue::from),
            ..Self::new(status, code, details)
        }
    }
}

impl IntoResponse for OfrepError {
    fn into_response(self) -> Response {
        let body = Body {
            key: self.key.as_deref(),
            error_code: self.code,
            error_details: &self.details,
        };
        let mut response = reply::vary_on(json_response(self.status, &body), &reply::OFREP);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds);
        }
        response
    }
}
