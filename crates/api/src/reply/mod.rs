//! What handlers return: JSON in ASCII with the status of the verb.

mod paged;

pub use paged::Paged;

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::ApiError;
use crate::json;

/// 200 with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<T>(pub T);

/// 201 with a body, and with `Location` where the contract has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created<T> {
    body: T,
    location: Option<String>,
}

/// 202 with nothing, or with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted<T = ()>(pub T);

/// 204.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoContent;

impl<T> Created<T> {
    /// Something new.
    pub fn new(body: T) -> Self {
        Self { body, location: None }
    }

    /// With a `Location` header: the contract sends one, with the value of the body's `url`, for everything that has
    /// such a field (admin API, section 0.2).
    #[must_use]
    pub fn located(self, url: &str) -> Self {
        Self {
            location: Some(url.to_owned()),
            ..self
        }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = json_response(StatusCode::CREATED, &self.body);
        let location = self.location.and_then(|url| HeaderValue::from_str(&url).ok());
        if let Some(location) = location.filter(|_| response.status() == StatusCode::CREATED) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        match json::to_ascii(&self.0) {
            // Nothing is sent as nothing, not as `null`.
            Ok(bytes) if bytes == b"null" => StatusCode::ACCEPTED.into_response(),
            _ => json_response(StatusCode::ACCEPTED, &self.0),
        }
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// An answer with a JSON body; a value that cannot be JSON is a fault of ours.
pub(crate) fn json_response<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> Response {
    json::to_ascii(body).map_or_else(
        |error| ApiError::from(liftgate_app::Error::internal(error)).into_response(),
        |bytes| json::response(status, bytes),
    )
}
