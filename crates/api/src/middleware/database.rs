//! Keeps requests away from a database that was not reached since the start: its tables may be those of another version.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::state::ApiState;

/// Answers 503 until the database was reached and is up to date.
pub(crate) async fn need(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    match state.app.check_ready() {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError::from(error).into_response(),
    }
}
