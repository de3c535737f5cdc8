//! The HTTP/1.1 server: connections with limits, drained when the server stops.

mod connection;
mod linger;
mod relay;

use axum::Router;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// How long requests in flight may take once the server stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more sockets.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until told to stop, then lets what is in flight finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
    // Every connection holds a receiver: the channel is closed when the last one is gone.
    let (draining, _) = watch::channel(false);
    while !*stop.borrow() {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot.ok(),
            _ = stop.changed() => continue,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                let connection = connection::run(stream, peer, router.clone(), draining.subscribe(), slot);
                tokio::spawn(connection);
            }
            Err(error) => {
                tracing::warn!(%error, "http.accept_failed");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    draining.send_replace(true);
    if tokio::time::timeout(DRAIN, draining.closed()).await.is_err() {
        tracing::warn!("http.drain_incomplete");
    }
}
