//! What happens around every request, in one place: an id, a span, limits, panics contained, headers, errors written
//! out, counters.
//!
//! The size of headers (32 KiB) and the number of connections are limits of the HTTP server, set where it is started.

mod cors;
pub(crate) mod database;
mod failures;
mod headers;
mod meter;
mod panics;
mod request_id;

pub use request_id::RequestId;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use liftgate_app::{Error, warnings};
use liftgate_model::Random;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::error::{ApiError, Refusal};
use crate::methods::Operations;
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
}

impl Frame {
    pub fn new(settings: FrameSettings, random: &dyn Random, operations: Arc<Operations>) -> Self {
        Self(Arc::new(Inner {
            settings,
            ids: RequestIds::new(random),
            operations,
        }))
    }

    /// Puts the frame around a router.
    pub fn around(self, router: Router) -> Router {
        router
            .layer(CatchPanicLayer::custom(panics::answer))
            .layer(from_fn_with_state(self, run))
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        let address = request
            .uri()
            .path_and_query()
            .map_or(0, |address| address.as_str().len());
        if address > ADDRESS_BYTES {
            return ApiError::from(Refusal::AddressTooLong(ADDRESS_BYTES)).into_response();
        }
        if let Some(preflight) = cors::preflight(&request) {
            return preflight;
        }
        let answer = tokio::time::timeout(self.0.settings.time_limit, handle(request, next)).await;
        answer.unwrap_or_else(|_| {
            let detail = "The request took too long.".to_owned();
            ApiError::from(Error::Unavailable {
                detail,
                retry_after_seconds: 5,
            })
            .into_response()
        })
    }
}

/// Lets the handler answer, and passes on what the use-case warned of. Nothing that only reads warns.
async fn handle(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let (mut response, warnings) = warnings::gather(next.run(request)).await;
    headers::add_warnings(response.headers_mut(), warnings);
    response
}

async fn run(State(frame): State<Frame>, mut request: Request, next: Next) -> Response {
    let Inner {
        settings,
        ids,
        operations,
    } = &*frame.0;
    let id = ids.next();
    let timer = meter::Timer::start(&request);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let path = request.uri().path();
    let shape = failures::Shape::of(path);
    let shares = cors::applies(path);
    let span = tracing::info_span!(
        "api.request",
        request.id = %id.as_str(),
        http.method = %request.method(),
        http.route = route.as_deref().unwrap_or_default(),
    );
    request.extensions_mut().insert(id.clone());
    async {
        let response = frame.answer(request, next).await;
        let mut response = failures::finish(response, &shape, &id);
        headers::add(response.headers_mut(), &id, settings.never_cache);
        if let Some(allow) = route.as_deref().and_then(|route| operations.allow(route)) {
            headers::add_allow(&mut response, allow);
        }
        if shares {
            cors::share(response.headers_mut());
        }
        timer.stop(route, response.status());
        response
    }
    .instrument(span)
    .await
}
