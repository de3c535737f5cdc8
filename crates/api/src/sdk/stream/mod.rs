//! Streams of notices that the flags of an environment changed (contract, sdk-api sections 10 and 11): server-sent events,
//! one path for each kind of client, because neither bears the other's messages.
//!
//! A notice is sent after the new answers are served, with the `updated_at` that they carry; a new subscriber gets one at
//! once, so that nothing is missed between two connections. Notices are sent while the project has realtime updates
//! switched on; the connection stays open either way. A stream ends when its key no longer opens the environment and when
//! the server stops.

mod notices;
mod open;
mod streams;

pub use notices::LongLived;
pub use streams::Streams;

use axum::extract::State;
use axum::response::Response;

use super::SdkState;
use crate::error::ApiError;
use crate::operations;
use crate::router::Routes;
use notices::Kind;
use open::ClientKey;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(environment, ofrep)
}

/// Notices for Flagsmith's SDKs.
///
/// Events are named `environment_updated`; their data is `{"updated_at": seconds}`. Comments keep the connection alive.
#[utoipa::path(
    get,
    path = "/sse/environments/{environment_key}/stream",
    tag = "sdk",
    params(("environment_key" = String, Path, description = "The client-side key of the environment.")),
    responses(
        (status = 200, description = "The stream.", content_type = "text/event-stream"),
        (status = 404, description = "No environment has this client-side key."),
        (status = 503, description = "Too many streams are open."),
    ),
)]
async fn environment(key: ClientKey, State(state): State<SdkState>) -> Result<Response, ApiError> {
    notices::stream(&state, key, Kind::EnvironmentUpdated)
}

/// Notices for OFREP clients, which ask for their flags again.
///
/// Events have no name; their data is `{"type": "refetchEvaluation", "lastModified": seconds}`.
#[utoipa::path(
    get,
    path = "/ofrep/v1/environments/{environment_key}/stream",
    tag = "sdk",
    params(("environment_key" = String, Path, description = "The client-side key of the environment.")),
    responses(
        (status = 200, description = "The stream.", content_type = "text/event-stream"),
        (status = 404, description = "No environment has this client-side key."),
        (status = 503, description = "Too many streams are open."),
    ),
)]
async fn ofrep(key: ClientKey, State(state): State<SdkState>) -> Result<Response, ApiError> {
    notices::stream(&state, key, Kind::RefetchEvaluation)
}
