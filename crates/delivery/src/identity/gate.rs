//! The gate before the source: while the source is away, calls are answered at once instead of waiting for it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use liftgate_model::Clock;

use super::SourceError;

/// Failures in a row after which the gate closes.
const FAILURES_TO_CLOSE: u32 = 3;

/// How long a closed gate waits before it lets one call try again, in microseconds.
const PROBE_INTERVAL_US: i64 = 1_000_000;

/// Counts failures and keeps calls away from a source that is not there.
pub(super) struct Gate {
    clock: Arc<dyn Clock>,
    failures: AtomicU32,
    /// When the next call may try, in microseconds since the epoch; looked at only while closed.
    next_probe_us: AtomicI64,
}

impl Gate {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            failures: AtomicU32::new(0),
            next_probe_us: AtomicI64::new(i64::MIN),
        }
    }

    /// Makes a call unless the gate is closed, and waits for it no longer than `limit`.
    pub(super) async fn ask<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        if !self.admits() {
            return Err(SourceError::Unavailable);
        }
        let answer = tokio::time::timeout(limit, call)
            .await
            .unwrap_or(Err(SourceError::Unavailable));
        match answer {
            Err(SourceError::Unavailable) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                let probe = self.clock.now().0.saturating_add(PROBE_INTERVAL_US);
                self.next_probe_us.store(probe, Ordering::Relaxed);
            }
            Ok(_) | Err(SourceError::Internal) => self.failures.store(0, Ordering::Relaxed),
        }
        answer
    }

    /// Whether a call may be made. While closed, one call an interval is let through.
    fn admits(&self) -> bool {
        if self.failures.load(Ordering::Relaxed) < FAILURES_TO_CLOSE {
            return true;
        }
        let now = self.clock.now().0;
        let due = self.next_probe_us.load(Ordering::Relaxed);
        let next = now.saturating_add(PROBE_INTERVAL_US);
        now >= due
            && self
                .next_probe_us
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}
