//! The streams that are open: how many there may be, and how they end with the server.

use std::sync::Arc;

use liftgate_app::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::error::ApiError;

/// The seconds after which it is worth trying to open a stream again.
const RETRY_AFTER_SECONDS: u64 = 10;

/// The open streams of a server; cheap to clone.
#[derive(Debug, Clone)]
pub struct Streams {
    places: Arc<Semaphore>,
    is_closing: watch::Sender<bool>,
}

/// The place of one open stream.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    is_closing: watch::Receiver<bool>,
}

impl Streams {
    /// Room for so many.
    pub fn new(limit: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))),
            is_closing: watch::Sender::new(false),
        }
    }

    /// Ends all streams. New ones end at once.
    pub fn close(&self) {
        self.is_closing.send_replace(true);
    }

    /// A place for one more stream.
    pub(super) fn enter(&self) -> Result<Place, ApiError> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        let permit = permit.map_err(|_| Error::Unavailable {
            detail: "Too many streams are open.".to_owned(),
            retry_after_seconds: RETRY_AFTER_SECONDS,
        })?;
        metrics::gauge!("sse_streams_open").increment(1);
        Ok(Place {
            _permit: permit,
            is_closing: self.is_closing.subscribe(),
        })
    }
}

impl Place {
    /// Waits until the stream is to end.
    pub(super) async fn closing(&mut self) {
        // Without a sender there is no server any more.
        let _ = self.is_closing.wait_for(|is_closing| *is_closing).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("sse_streams_open").decrement(1);
    }
}
