//! One connection: requests one after the other, until the client leaves, the server stops, or a response goes on for so
//! long that the connection is better off without the machinery for further requests.

use super::linger;
use super::relay::{self, Relayed};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Version};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use liftgate_api::sdk::stream::LongLived;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tower::ServiceExt as _;

/// Bytes of a request's line and headers at most; more is 431.
const HEADER_BYTES: usize = 32 * 1024;
/// Headers of a request at most.
const HEADERS: usize = 100;
/// How long a client may take to send its headers.
const HEADER_PATIENCE: Duration = Duration::from_secs(10);

/// Serves one connection to its end.
pub(super) async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut draining: watch::Receiver<bool>,
    slot: Option<OwnedSemaphorePermit>,
) {
    let (hand_over, mut handed_over) = mpsc::channel(1);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        answer(router.clone(), request.map(Body::new), peer, hand_over.clone())
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut is_draining = false;
    loop {
        tokio::select! {
            served = Pin::new(&mut connection) => {
                match served {
                    // In memory of its own, so that connections that go on do without.
                    Ok(()) => Box::pin(linger::run(connection.into_parts().io.into_inner())).await,
                    // A client that goes away or talks nonsense is not our fault.
                    Err(error) => tracing::debug!(%error, "http.connection_ended"),
                }
                return;
            }
            Some(relayed) = handed_over.recv() => {
                let stream = connection.into_parts().io.into_inner();
                // A task of its own, so that what the connection needed so far is given back.
                tokio::spawn(relay::run(stream, relayed, draining, slot));
                return;
            }
            _ = draining.changed(), if !is_draining => {
                is_draining = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
}

/// Asks the router. An answer to be relayed goes to the connection, and this never ends.
async fn answer(
    router: Router,
    mut request: hyper::Request<Body>,
    peer: SocketAddr,
    hand_over: mpsc::Sender<Relayed>,
) -> Result<Response, Infallible> {
    let can_relay = request.version() == Version::HTTP_11 && request.method() == Method::GET;
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    if can_relay && response.extensions().get::<LongLived>().is_some() {
        let relayed = Relayed::new(response);
        if hand_over.send(relayed).await.is_ok() {
            std::future::pending::<()>().await;
        }
        // The connection is gone; nobody reads this.
        return Ok(Response::default());
    }
    Ok(response)
}
