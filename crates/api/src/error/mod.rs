//! The only place where an error gets a status and a body (contract, admin API, section 0.5).
//!
//! A handler returns `Result<_, ApiError>`; `?` turns the error of a use-case into it. Compatible paths answer in the
//! contract's shapes; paths of Liftgate's own answer problem details (RFC 9457): the outermost middleware knows the path
//! and writes those ([`problem`]).

pub mod problem;

use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use liftgate_app::{Error, Invalid, error::Missing};
use serde_json::{Map, Value, json};

use crate::json;

/// The page for a path that nothing answers.
const NOT_FOUND_PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<head><title>Not Found</title></head>\n\
    <body><h1>Not Found</h1><p>There is nothing at this address.</p></body>\n</html>\n";

/// Why a request is not answered with success.
#[derive(Debug)]
pub struct ApiError(Reason);

#[derive(Debug)]
enum Reason {
    /// A use-case refused.
    App(Error),
    /// The request is not one that a use-case could be asked.
    Refused(Refusal),
}

/// What HTTP itself, not a use-case, refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 401 without a challenge: the second step of signing in failed.
    SecondFactor(String),
    /// 404 with a page: the path does not exist for this kind of id.
    NoSuchPath,
    /// 405.
    Method(Method),
    /// 408: the body came too slowly.
    SlowBody,
    /// 413: the body has more than this many bytes.
    BodyTooLarge(usize),
    /// 414: the address has more than this many bytes.
    AddressTooLong(usize),
    /// 415: a body of this type is not read.
    MediaType(String),
}

/// Carried by an answer that tells of an error, for the outermost middleware.
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub Arc<ApiError>);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(Reason::App(error))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(Reason::Refused(refusal))
    }
}

impl ApiError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            Reason::App(error) => match error {
                Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
                Error::Forbidden(_) => StatusCode::FORBIDDEN,
                Error::NotFound(_) => StatusCode::NOT_FOUND,
                Error::Invalid(_) => StatusCode::BAD_REQUEST,
                Error::Conflict { .. } => StatusCode::CONFLICT,
                Error::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
                Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
                Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Reason::Refused(refusal) => match refusal {
                Refusal::SecondFactor(_) => StatusCode::UNAUTHORIZED,
                Refusal::NoSuchPath => StatusCode::NOT_FOUND,
                Refusal::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
                Refusal::SlowBody => StatusCode::REQUEST_TIMEOUT,
                Refusal::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
                Refusal::AddressTooLong(_) => StatusCode::URI_TOO_LONG,
                Refusal::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            },
        }
    }

    /// The body in the contract's shape.
    pub fn body(&self) -> Value {
        match &self.0 {
            Reason::App(Error::Invalid(invalid)) => invalid_body(invalid),
            Reason::App(Error::Conflict {
                detail,
                code: Some(code),
            }) => json!({"detail": detail, "code": code}),
            Reason::Refused(Refusal::SecondFactor(detail)) => json!({"error": detail}),
            _ => json!({"detail": self.detail()}),
        }
    }

    /// What happened, in one sentence without internals.
    pub fn detail(&self) -> String {
        match &self.0 {
            Reason::App(error) => match error {
                Error::Unauthenticated(detail)
                | Error::Forbidden(Some(detail))
                | Error::NotFound(Missing::Text(detail))
                | Error::Invalid(
                    Invalid::NonField(detail) | Invalid::Detail(detail) | Invalid::Message(detail),
                )
                | Error::Conflict { detail, .. }
                | Error::Unavailable { detail, .. } => detail.clone(),
                Error::Forbidden(None) => "You do not have permission to perform this action.".to_owned(),
                Error::NotFound(Missing::Model(model)) => format!("No {model} matches the given query."),
                Error::NotFound(Missing::Plain) => "Not found.".to_owned(),
                Error::Invalid(_) => "The input is not acceptable.".to_owned(),
                Error::Throttled {
                    detail,
                    retry_after_seconds,
                } => {
                    let detail = detail.as_deref().unwrap_or("Request was throttled.");
                    let plural = if *retry_after_seconds == 1 { "" } else { "s" };
                    format!("{detail} Expected available in {retry_after_seconds} second{plural}.")
                }
                Error::Internal(_) => "Internal server error.".to_owned(),
            },
            Reason::Refused(refusal) => match refusal {
                Refusal::SecondFactor(detail) => detail.clone(),
                Refusal::NoSuchPath => "Not found.".to_owned(),
                Refusal::Method(method) => format!("Method \"{method}\" not allowed."),
                Refusal::SlowBody => "The request body did not arrive in time.".to_owned(),
                Refusal::BodyTooLarge(bytes) => format!("The request body must have at most {bytes} bytes."),
                Refusal::AddressTooLong(bytes) => format!("The address must have at most {bytes} bytes."),
                Refusal::MediaType(name) => format!("Unsupported media type \"{name}\" in request."),
            },
        }
    }

    /// A word for programs, where there is one.
    pub fn code(&self) -> Option<&'static str> {
        match &self.0 {
            Reason::App(Error::Conflict { code, .. }) => *code,
            _ => None,
        }
    }

    /// Whether there is nothing at the path, which a page says.
    pub(crate) fn is_unknown_path(&self) -> bool {
        matches!(self.0, Reason::Refused(Refusal::NoSuchPath))
    }

    /// Complaints by field, where there are any.
    fn errors(&self) -> Option<Value> {
        match &self.0 {
            Reason::App(Error::Invalid(Invalid::Fields(_) | Invalid::List(_) | Invalid::Body(_))) => {
                Some(self.body())
            }
            _ => None,
        }
    }

    /// Seconds until the next try makes sense, where that is known.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        match &self.0 {
            Reason::App(
                Error::Throttled {
                    retry_after_seconds, ..
                }
                | Error::Unavailable {
                    retry_after_seconds, ..
                },
            ) => Some((*retry_after_seconds).max(1)),
            _ => None,
        }
    }

    /// The fault behind a 500 with everything that caused it, for the log.
    pub(crate) fn fault(&self) -> Option<String> {
        let Reason::App(Error::Internal(source)) = &self.0 else {
            return None;
        };
        let mut chain = source.to_string();
        let mut cause = source.source();
        while let Some(error) = cause {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            cause = error.source();
        }
        Some(chain)
    }

    /// Whether the answer is a challenge to sign in.
    fn challenges(&self) -> bool {
        matches!(self.0, Reason::App(Error::Unauthenticated(_)))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = if matches!(self.0, Reason::Refused(Refusal::NoSuchPath)) {
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            (StatusCode::NOT_FOUND, [(CONTENT_TYPE, html)], NOT_FOUND_PAGE).into_response()
        } else {
            // A value is always JSON.
            json::response(self.status(), json::to_ascii(&self.body()).unwrap_or_default())
        };
        let headers = response.headers_mut();
        if self.challenges() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"api\""));
        }
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

fn invalid_body(invalid: &Invalid) -> Value {
    let single = |key: &str, value: Value| {
        let mut body = Map::new();
        body.insert(key.to_owned(), value);
        Value::Object(body)
    };
    match invalid {
        Invalid::Fields(fields) => Value::Object(fields.clone()),
        Invalid::NonField(message) => single("non_field_errors", json!([message])),
        Invalid::List(messages) => json!(messages),
        Invalid::Detail(message) => single("detail", json!(message)),
        Invalid::Message(message) => single("message", json!(message)),
        Invalid::Body(body) => body.clone(),
    }
}

#[cfg(test)]
mod tests;
