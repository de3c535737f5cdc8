//! Errors as OFREP has them: always with `errorDetails`, and with `key` where one flag was asked for, because clients
//! read nothing of a body without them.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use liftgate_delivery::KeyRefusal;
use serde::Serialize;

use crate::error::ApiError;
use crate::reply::json_response;
use crate::sdk::reply;

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
        let (status, details) = (error.status(), error.detail());
        let code = match status {
            StatusCode::BAD_REQUEST => Some(Code::ParseError),
            status if status.is_client_error() => Some(Code::General),
            _ => None,
        };
        let retry_after = error.into_response().headers().get(RETRY_AFTER).cloned();
        Self {
            retry_after,
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
        let mut response = reply::vary_ofrep(json_response(self.status, &body));
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
