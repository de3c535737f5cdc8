//! One route with the frame around it. Written by hand instead of stacked from general layers, each of which would copy
//! the route and box its future and its body once more for every request.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use liftgate_app::{Error, warnings};
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::{Frame, RequestId, cors, failures, headers, meter, panics};
use crate::error::ApiError;

/// What a handler came to: an answer, or the payload of a panic.
type Outcome = Result<Result<Response, Infallible>, Box<dyn Any + Send>>;

/// A service with the frame around it.
#[derive(Debug, Clone)]
pub(crate) struct Framed<S> {
    frame: Frame,
    inner: S,
}

impl<S> Layer<S> for Frame {
    type Service = Framed<S>;

    fn layer(&self, inner: S) -> Framed<S> {
        Framed {
            frame: self.clone(),
            inner,
        }
    }
}

impl<S> Service<Request> for Framed<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let seen = Seen::of(&self.frame, &request);
        request.extensions_mut().insert(seen.id);
        let span = tracing::info_span!(
            "api.request",
            request.id = %seen.id.as_str(),
            http.method = %request.method(),
            http.route = seen.route().unwrap_or_default(),
        );
        if let Some(answer) = Frame::answer_at_once(&request) {
            let answer = span.in_scope(|| seen.finish(answer));
            return Box::pin(std::future::ready(Ok(answer)));
        }
        let may_warn = !request.method().is_safe();
        // A route does its work when it is polled, so that is where its panics are.
        let handled = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let answered = async move {
            let limit = seen.frame.0.settings.time_limit;
            let answer = tokio::time::timeout(limit, answer(handled, may_warn)).await;
            Ok(seen.finish(answer.unwrap_or_else(|_| took_too_long())))
        };
        Box::pin(answered.instrument(span))
    }
}

/// Lets the handler answer, and passes on what the use-case warned of. Nothing that only reads warns.
async fn answer(handled: impl Future<Output = Outcome>, may_warn: bool) -> Response {
    if !may_warn {
        return settle(handled.await);
    }
    let (outcome, warnings) = warnings::gather(handled).await;
    let mut response = settle(outcome);
    headers::add_warnings(response.headers_mut(), warnings);
    response
}

fn settle(outcome: Outcome) -> Response {
    match outcome {
        Ok(Ok(response)) => response,
        Err(payload) => panics::answer(&*payload),
    }
}

fn took_too_long() -> Response {
    let detail = "The request took too long.".to_owned();
    ApiError::from(Error::Unavailable {
        detail,
        retry_after_seconds: 5,
    })
    .into_response()
}

/// What is kept of a request until its answer is there.
struct Seen {
    frame: Frame,
    id: RequestId,
    route: Option<MatchedPath>,
    timer: meter::Timer,
    /// The shape of errors.
    shape: failures::Shape,
    /// Whether pages of other origins may read the answer.
    is_shared: bool,
}

impl Seen {
    fn of(frame: &Frame, request: &Request) -> Self {
        let path = request.uri().path();
        Self {
            frame: frame.clone(),
            id: frame.0.ids.next(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            timer: meter::Timer::start(request.method()),
            shape: failures::Shape::of(path),
            is_shared: cors::applies(path),
        }
    }

    fn route(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
    }

    /// The answer as it is sent.
    fn finish(&self, response: Response) -> Response {
        let inner = &*self.frame.0;
        let mut response = failures::finish(response, &self.shape, &self.id);
        headers::add(response.headers_mut(), &self.id, inner.settings.never_cache);
        if let Some(allow) = self.route().and_then(|route| inner.operations.allow(route)) {
            headers::add_allow(&mut response, allow);
        }
        if self.is_shared {
            cors::share(response.headers_mut());
        }
        inner.meter.count(&self.timer, self.route(), response.status());
        response
    }
}
