//! What a stream says, and when.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use liftgate_delivery::Delivery;
use liftgate_model::{Clock, Timestamp};
use tokio::sync::watch;

use super::open::ClientKey;
use super::streams::Place;
use crate::error::ApiError;
use crate::sdk::SdkState;

/// How often a silent stream shows that it is alive: proxies cut what is silent for a minute.
const PING_INTERVAL: Duration = Duration::from_secs(25);
/// A comment, which no client takes for a message.
const PING: &[u8] = b": ping\n\n";
/// Tells proxies not to hold events back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Carried by a response whose body goes on for hours with long silences, for a server that can hold such a connection at a
/// lower price.
#[derive(Debug, Clone, Copy)]
pub struct LongLived;

/// Whose messages a stream has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Flagsmith's SDKs.
    EnvironmentUpdated,
    /// OFREP clients.
    RefetchEvaluation,
}

/// The response that goes on until the key is gone or the server stops.
pub(super) fn stream(state: &SdkState, key: ClientKey, kind: Kind) -> Result<Response, ApiError> {
    let subscriber = Subscriber {
        place: state.streams.enter()?,
        delivery: Arc::clone(&state.delivery),
        clock: Arc::clone(&state.clock),
        key: key.text,
        updates: key.updates,
        kind,
        has_news: true,
    };
    let notices = stream::unfold(subscriber, |mut subscriber| async move {
        let notice = subscriber.next().await?;
        Some((Ok::<_, Infallible>(notice), subscriber))
    });
    let mut response = Response::new(Body::from_stream(notices));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response.extensions_mut().insert(LongLived);
    Ok(response)
}

/// One client at a stream.
struct Subscriber {
    place: Place,
    delivery: Arc<Delivery>,
    clock: Arc<dyn Clock>,
    key: Box<str>,
    updates: watch::Receiver<Timestamp>,
    kind: Kind,
    has_news: bool,
}

impl Subscriber {
    /// What is said next; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if std::mem::take(&mut self.has_news) {
                self.updates.mark_unchanged();
                // The snapshot is the one that clients get now, so no notice tells of answers that are not served yet.
                let found = self.delivery.find(Some(&self.key), self.clock.now());
                let (snapshot, _) = found.ok()?;
                if snapshot.sends_updates() {
                    return Some(self.kind.notice(snapshot.updated_at()));
                }
            }
            tokio::select! {
                biased;
                () = self.place.closing() => return None,
                changed = self.updates.changed() => {
                    changed.ok()?;
                    self.has_news = true;
                }
                () = tokio::time::sleep(PING_INTERVAL) => return Some(Bytes::from_static(PING)),
            }
        }
    }
}

impl Kind {
    /// The message for an `updated_at`.
    fn notice(self, updated_at: Timestamp) -> Bytes {
        let seconds = updated_at.to_epoch_seconds();
        match self {
            Self::EnvironmentUpdated => {
                format!("event: environment_updated\ndata: {{\"updated_at\": {seconds}}}\n\n")
            }
            Self::RefetchEvaluation => {
                let whole = updated_at.0.div_euclid(1_000_000);
                format!(
                    "id: {seconds}\ndata: {{\"type\": \"refetchEvaluation\", \"lastModified\": {whole}}}\n\n"
                )
            }
        }
        .into()
    }
}
