//! A name for every request, told to the client and written into every log line about it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use liftgate_model::Random;

/// The id of a request: 24 hexadecimal digits, unique on this server and across its restarts. An extension of the
/// request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hands out request ids: a random part per process and a count, because a random one per request would cost a system
/// call.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: String,
    next: AtomicU64,
}

impl RequestIds {
    pub fn new(random: &dyn Random) -> Self {
        Self {
            process: random.hex(6),
            next: AtomicU64::new(1),
        }
    }

    pub fn next(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        RequestId(format!("{}{count:012x}", self.process).into())
    }
}
