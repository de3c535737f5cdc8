//! A panic in a handler is an answer and a number in the metrics, never the end of the process.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use liftgate_app::Error;

use crate::error::ApiError;

/// The answer to a panic: a fault of ours like any other.
pub(super) fn answer(payload: &(dyn Any + Send)) -> Response {
    metrics::counter!("http_panics_total").increment(1);
    let message = payload
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    ApiError::from(Error::internal(format!("panic: {message}"))).into_response()
}
