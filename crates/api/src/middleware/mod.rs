//! What happens around every request, in one place: an id, a span, limits, panics contained, headers, errors written
//! out, counters.
//!
//! The size of headers (32 KiB) and the number of connections are limits of the HTTP server, set where it is started.

mod cors;
pub(crate) mod database;
mod failures;
mod framed;
mod headers;
mod meter;
mod panics;
mod request_id;

pub use request_id::RequestId;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use liftgate_model::Random;

use crate::error::{ApiError, Refusal};
use crate::methods::Operations;
use meter::Meter;
use request_id::RequestIds;

/// Longest path with query: 8 KiB (reliability goal S14).
pub const ADDRESS_BYTES: usize = 8 * 1024;

/// What the operator chose about all requests.
#[derive(Debug, Clone, Copy)]
pub struct FrameSettings {
    /// Longest time until an answer starts; then 503. Default 30 s.
    pub time_limit: Duration,
    /// Whether answers that say nothing about caching forbid it. Default true.
    pub never_cache: bool,
}

impl Default for FrameSettings {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(30),
            never_cache: true,
        }
    }
}

/// What is around every request.
#[derive(Debug, Clone)]
pub(crate) struct Frame(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: FrameSettings,
    ids: RequestIds,
    operations: Arc<Operations>,
    meter: Meter,
}

impl Frame {
    pub fn new(settings: FrameSettings, random: &dyn Random, operations: Arc<Operations>) -> Self {
        Self(Arc::new(Inner {
            settings,
            ids: RequestIds::new(random),
            operations,
            meter: Meter::default(),
        }))
    }

    /// Puts the frame around a router.
    pub fn around(self, router: Router) -> Router {
        router.layer(self)
    }

    /// The answer to a request that no handler is to see.
    fn answer_at_once(request: &Request) -> Option<Response> {
        let address = request
            .uri()
            .path_and_query()
            .map_or(0, |address| address.as_str().len());
        if address > ADDRESS_BYTES {
            return Some(ApiError::from(Refusal::AddressTooLong(ADDRESS_BYTES)).into_response());
        }
        cors::preflight(request)
    }
}
