//! The SDK routes over HTTP, on environments made by hand.

mod document;
mod events;
mod flags;
mod identities;
mod keys;
mod legacy;
mod ofrep;
mod ofrep_faults;
mod prepared;
mod rate;
mod traits;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use liftgate_delivery::testing::{HandClock, MADE_AT, MemoryIdentities, Sevens};
use liftgate_delivery::{
    Delivery, EnvironmentData, EnvironmentSnapshot, IdentityOptions, KeyRate, SnapshotOptions,
};
use liftgate_events::{Event, EventSink, EventsError};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{SdkState, routes};
use crate::middleware::FrameSettings;
use crate::router::Assembly;
use crate::sdk::stream::Streams;

/// A server of SDK routes only.
pub(super) struct Kit {
    router: Router,
    delivery: Arc<Delivery>,
    source: Arc<MemoryIdentities>,
    events: Arc<Recorder>,
    clock: Arc<HandClock>,
}

/// An answer with its body read.
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Kit {
    fn new(data: EnvironmentData) -> Self {
        Self::limited(data, None)
    }

    /// A server on which keys have a rate.
    fn limited(data: EnvironmentData, rate: Option<KeyRate>) -> Self {
        let source = Arc::new(MemoryIdentities::default());
        let clock = Arc::new(HandClock::at(MADE_AT.plus_seconds(60)));
        let events = Arc::new(Recorder::default());
        let delivery = Delivery::new(
            Arc::clone(&source) as Arc<_>,
            Arc::clone(&clock) as Arc<_>,
            IdentityOptions::default(),
        );
        let delivery = Arc::new(delivery.with_key_rate(rate));
        let state = SdkState {
            delivery: Arc::clone(&delivery),
            events: Arc::clone(&events) as Arc<_>,
            clock: Arc::clone(&clock) as Arc<_>,
            random: Arc::new(Sevens),
            streams: Streams::new(1),
        };
        let kit = Self {
            router: Assembly::new()
                .routes(routes(), state)
                .build(FrameSettings::default(), &Sevens),
            delivery,
            source,
            events,
            clock,
        };
        kit.publish(data);
        kit
    }

    fn publish(&self, data: EnvironmentData) {
        self.delivery
            .publish(EnvironmentSnapshot::build(data, &SnapshotOptions::default()));
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers, Body::empty()))
            .await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json; charset=utf-8"));
        self.send(request(
            Method::POST,
            path,
            &headers,
            Body::from(body.to_string()),
        ))
        .await
    }
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and body at once.
    fn told(&self) -> (u16, Value) {
        (self.status.as_u16(), self.json())
    }
}

/// The header of a key.
fn key(key: &str) -> [(&str, &str); 1] {
    [("x-environment-key", key)]
}

/// An event store that keeps events in memory, or fails.
#[derive(Default)]
pub(super) struct Recorder {
    events: Mutex<Vec<Event>>,
    failure: Mutex<Option<EventsError>>,
}

impl Recorder {
    fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    fn fail(&self, failure: EventsError) {
        *self.failure.lock().unwrap() = Some(failure);
    }
}

#[async_trait]
impl EventSink for Recorder {
    async fn append(&self, events: Vec<Event>) -> liftgate_events::Result<()> {
        if let Some(failure) = self.failure.lock().unwrap().take() {
            return Err(failure);
        }
        self.events.lock().unwrap().extend(events);
        Ok(())
    }
}
