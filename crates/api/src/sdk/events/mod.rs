//! Events that SDKs report: exposures and whatever else happened (contract, sdk-api section 9).
//!
//! The good events of a batch are taken whatever the others are, and a batch is never refused for its events: clients
//! would send it again for ever. What is acknowledged is durable.

mod answer;
mod body;
mod verdict;
mod wire;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use liftgate_delivery::KeyRefusal;
use liftgate_events::EventsError;

use answer::{EventsRefusal, Taken};
use verdict::{Stamp, Verdicts};
use wire::EventBatch;

use super::{EnvironmentKey, SdkState, agent};
use crate::guard::{Guard, Keys};
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(take, take_under_api)
}

/// Guard: any key of an environment, refused in the words of the ingestion server.
struct EventsKey {
    environment_key: String,
}

impl Guard for EventsKey {
    const WHO: &'static str = EnvironmentKey::WHO;
    const KEYS: Keys = Keys::Environment;
}

impl FromRequestParts<SdkState> for EventsKey {
    type Rejection = EventsRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &SdkState) -> Result<Self, EventsRefusal> {
        match EnvironmentKey::find(parts, state) {
            // Events are kept under the client-side key, whichever key they came with.
            Ok(key) => Ok(Self {
                environment_key: key.snapshot.api_key().to_owned(),
            }),
            Err(KeyRefusal::TooOften { retry_after_seconds }) => {
                Err(EventsRefusal::TooOften(retry_after_seconds))
            }
            Err(KeyRefusal::Missing) => Err(EventsRefusal::KeyMissing),
            Err(_) => Err(EventsRefusal::KeyRefused),
        }
    }
}

/// Takes a batch of events. Each gets a verdict of its own; those that are accepted are durable when the answer comes.
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "sdk",
    request_body = EventBatch,
    responses(
        (status = 202, description = "How many events were taken, and why others were not.", body = Taken),
        (status = 401, description = "There is no environment key.", body = String, content_type = "text/plain"),
        (status = 403, description = "The environment key is refused.", body = String, content_type = "text/plain"),
        (status = 415, description = "The body is not JSON, or compressed in an unknown way.", body = String, content_type = "text/plain"),
        (status = 429, description = "The key is used too often. Send the events again after `Retry-After`.", body = String, content_type = "text/plain"),
        (status = 503, description = "The events cannot be stored at the moment. Send them again.", body = String, content_type = "text/plain"),
    ),
)]
async fn take(
    key: EventsKey,
    State(state): State<SdkState>,
    request: Request,
) -> Result<Taken, EventsRefusal> {
    let headers = request.headers();
    let stamp = Stamp {
        environment_key: key.environment_key,
        now_ms: state.clock.now().as_millis(),
        sdk: agent::sdk(headers),
    };
    let Verdicts { accepted, rejected } = verdict::judge(body::read(request).await?, &stamp);
    let taken = Taken::new(accepted.len(), rejected);
    if !accepted.is_empty() {
        state.events.append(accepted).await.map_err(refuse)?;
    }
    Ok(taken)
}

/// Takes a batch of events: the same as `POST /v1/events`.
#[utoipa::path(
    post,
    path = "/api/v1/events",
    tag = "sdk",
    request_body = EventBatch,
    responses((status = 202, description = "How many events were taken, and why others were not.", body = Taken)),
)]
async fn take_under_api(
    key: EventsKey,
    state: State<SdkState>,
    request: Request,
) -> Result<Taken, EventsRefusal> {
    take(key, state, request).await
}

/// Whatever the store cannot do, the caller may try again: nothing was acknowledged.
fn refuse(error: EventsError) -> EventsRefusal {
    match error {
        EventsError::Unavailable { .. } | EventsError::StorageFull => {
            tracing::warn!(error = %error, "events.append_refused");
        }
        error => tracing::error!(error = ?error, "events.append_failed"),
    }
    EventsRefusal::Unavailable
}
