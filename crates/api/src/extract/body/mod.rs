//! The body of a request: JSON, an HTML form, or a multipart form (contract, admin API, section 0.2).

mod encoded;

use std::borrow::Cow;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use liftgate_app::Error;
use serde_json::{Map, Value};

use crate::error::{ApiError, Refusal};
use crate::form::{Form, Mode, Parse};
use crate::json;

/// Largest body of an ordinary request: 1 MiB (reliability goal S14).
pub const BODY_BYTES: usize = 1024 * 1024;
/// Longest time a body may take to arrive.
pub const BODY_TIME: Duration = Duration::from_secs(20);

/// The body of a request. Take it as the *last* argument, so that refusals come before complaints about the input.
#[derive(Debug, Clone)]
pub struct Body {
    content: Content,
    files: Vec<File>,
}

#[derive(Debug, Clone)]
enum Content {
    Json(Value),
    Pairs(Vec<(String, String)>),
}

/// A file of a multipart form.
#[derive(Debug, Clone)]
pub struct File {
    /// The name of the field.
    pub field: String,
    /// What is in it.
    pub content: Bytes,
}

impl Body {
    /// Reads a type from it.
    ///
    /// # Errors
    /// All complaints by field.
    pub fn parse<T: Parse>(&self, mode: Mode) -> Result<T, Error> {
        let form = match &self.content {
            Content::Json(value) => Form::new(value, mode),
            Content::Pairs(pairs) => Form::pairs(pairs, mode),
        };
        Ok(form.done()?)
    }

    /// Reads a list of objects.
    ///
    /// # Errors
    /// A list of complaints as long as the body, or a complaint about the whole.
    pub fn parse_list<T: Parse>(&self, mode: Mode) -> Result<Vec<T>, Error> {
        Ok(Form::read_list(&self.value(), mode)?)
    }

    /// The body as JSON; forms become an object of texts, with the last value of a name that repeats.
    pub fn value(&self) -> Cow<'_, Value> {
        match &self.content {
            Content::Json(value) => Cow::Borrowed(value),
            Content::Pairs(pairs) => {
                let fields = pairs
                    .iter()
                    .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
                Cow::Owned(Value::Object(fields.collect()))
            }
        }
    }

    /// A file of a multipart form, by the name of its field.
    pub fn file(&self, field: &str) -> Option<&Bytes> {
        self.files
            .iter()
            .find(|file| file.field == field)
            .map(|file| &file.content)
    }

    /// Reads a body of up to so many bytes; for the few requests that may be larger than [`BODY_BYTES`].
    ///
    /// # Errors
    /// 413, 408, 415, or 400 for a body that is not what its type says.
    pub async fn read(request: Request, limit: usize) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = collect(&parts.headers, body, limit).await?;
        let content_type = parts
            .headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        Self::decode(content_type.as_deref().unwrap_or_default(), bytes).await
    }

    async fn decode(content_type: &str, bytes: Bytes) -> Result<Self, ApiError> {
        let without_files = |content| Self {
            content,
            files: Vec::new(),
        };
        let media_type = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => {
                Ok(without_files(Content::Pairs(encoded::urlencoded(&bytes))))
            }
            _ if bytes.is_empty() => Ok(without_files(Content::Json(Value::Object(Map::new())))),
            "multipart/form-data" => {
                let (pairs, files) = encoded::multipart(content_type, bytes)
                    .await
                    .map_err(Error::detail)?;
                Ok(Self {
                    content: Content::Pairs(pairs),
                    files,
                })
            }
            "application/json" => match json::parse(&bytes) {
                Ok(value) => Ok(without_files(Content::Json(value))),
                Err(complaint) => Err(Error::detail(format!("JSON parse error - {complaint}")).into()),
            },
            _ => Err(Refusal::MediaType(content_type.to_owned()).into()),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        Self::read(request, BODY_BYTES).await
    }
}

/// All bytes of a body, unless they are too many or too slow.
///
/// # Errors
/// 413, 408, or 400 when the connection breaks off.
pub async fn collect(headers: &HeaderMap, body: axum::body::Body, limit: usize) -> Result<Bytes, ApiError> {
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(Refusal::BodyTooLarge(limit).into());
    }
    match tokio::time::timeout(BODY_TIME, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge(limit).into()),
        Ok(Err(_)) => Err(Error::detail("The request body broke off.").into()),
        Err(_) => Err(Refusal::SlowBody.into()),
    }
}
