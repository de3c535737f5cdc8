//! The gate before the source: while the source is away, calls are answered at once instead of waiting for it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use liftgate_model::Clock;

use super::SourceError;

/// Failures in a row after which the gate closes.
const FAILURES_TO_CLOSE: u32 = 3;

/// How long a closed gate waits before it lets one call try again, in microseconds.
const PROBE_INTERVAL_US: i64 = 1_000_000;

/// Whether a call can be spared while the source is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// There is something to go on with.
    Spared,
    /// Without it the caller is refused, or knows nothing.
    Needed,
}

/// Counts failures and keeps calls away from a source that is not there.
pub(super) struct Gate {
    clock: Arc<dyn Clock>,
    failures: AtomicU32,
    /// When the next call may try, in microseconds since the epoch; looked at only while closed.
    next_probe_us: AtomicI64,
    /// Whether the source was said to answer since the last failure.
    is_hopeful: AtomicBool,
}

impl Gate {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            failures: AtomicU32::new(0),
            next_probe_us: AtomicI64::new(i64::MIN),
            is_hopeful: AtomicBool::new(false),
        }
    }

    /// Makes a call unless the gate is closed, and waits for it no longer than `limit`.
    pub(super) async fn ask<T>(
        &self,
        limit: Duration,
        urgency: Urgency,
        call: impl Future<Output = Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        if !self.admits(urgency) {
            return Err(SourceError::Unavailable);
        }
        let answer = tokio::time::timeout(limit, call)
            .await
            .unwrap_or(Err(SourceError::Unavailable));
        match answer {
            Err(SourceError::Unavailable) => {
                self.is_hopeful.store(false, Ordering::Relaxed);
                self.failures.fetch_add(1, Ordering::Relaxed);
                let probe = self.clock.now().0.saturating_add(PROBE_INTERVAL_US);
                self.next_probe_us.store(probe, Ordering::Relaxed);
            }
            Ok(_) | Err(SourceError::Internal) => self.failures.store(0, Ordering::Relaxed),
        }
        answer
    }

    /// Lets calls that could be spared try again too.
    pub(super) fn admit_next(&self) {
        self.is_hopeful.store(true, Ordering::Relaxed);
    }

    /// Whether a call may be made. While closed, one call an interval is let through: of those that are needed, until the
    /// source is said to answer.
    fn admits(&self, urgency: Urgency) -> bool {
        if self.failures.load(Ordering::Relaxed) < FAILURES_TO_CLOSE {
            return true;
        }
        if urgency == Urgency::Spared && !self.is_hopeful.load(Ordering::Relaxed) {
            return false;
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
