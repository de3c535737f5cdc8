//! How often a key may be used: a token bucket for each, without a lock and without anything that refills it.
//!
//! A bucket is one number, the time at which it will be full again; every use moves that by the time that one use takes
//! to come back (the generic cell rate algorithm, ITU-T I.371).

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};

use liftgate_model::Timestamp;

const SECOND_NANOS: i64 = 1_000_000_000;

/// How much further ahead than it can be a bucket must look for the clock to have been set back. Threads that read the
/// clock at nearly the same time differ by less.
const CLOCK_SET_BACK_NANOS: i64 = SECOND_NANOS;

/// How often one key may be used on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRate {
    /// Uses in a second, in the long run.
    pub per_second: NonZeroU32,
    /// Uses at once, after a pause.
    pub burst: NonZeroU32,
}

/// What is left of a rate. Full at first.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// Nanoseconds since the epoch.
    full_at: AtomicI64,
}

impl KeyRate {
    /// Nanoseconds until one use has come back.
    fn interval(self) -> i64 {
        SECOND_NANOS / i64::from(self.per_second.get())
    }

    /// Nanoseconds until an empty bucket is full.
    fn depth(self) -> i64 {
        self.interval() * i64::from(self.burst.get())
    }
}

impl Bucket {
    /// Takes one use out of the bucket.
    ///
    /// # Errors
    /// The seconds, 1 at least, until there is one, when there is none.
    pub(crate) fn take(&self, rate: KeyRate, now: Timestamp) -> Result<(), u32> {
        let now = now.0.saturating_mul(1_000);
        let (interval, depth) = (rate.interval(), rate.depth());
        let after = |full_at: i64| {
            let was_set_back = full_at - now > depth + CLOCK_SET_BACK_NANOS;
            let full_at = if was_set_back { now } else { full_at.max(now) };
            full_at + interval
        };
        let taken = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
                Some(after(full_at)).filter(|after| after - now <= depth)
            });
        taken.map(|_| ()).map_err(|full_at| {
            let wait = after(full_at) - now - depth;
            let seconds = (wait - 1).div_euclid(SECOND_NANOS) + 1;
            u32::try_from(seconds).unwrap_or(u32::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MADE_AT;

    fn rate(per_second: u32, burst: u32) -> KeyRate {
        KeyRate {
            per_second: per_second.try_into().unwrap(),
            burst: burst.try_into().unwrap(),
        }
    }

    fn after_ms(milliseconds: i64) -> Timestamp {
        Timestamp(MADE_AT.0 + milliseconds * 1_000)
    }

    /// How many of some tries at a time succeed.
    fn taken(bucket: &Bucket, rate: KeyRate, tries: u32, now: Timestamp) -> usize {
        (0..tries).filter(|_| bucket.take(rate, now).is_ok()).count()
    }

    #[test]
    fn a_burst_is_taken_at_once_and_comes_back_with_time() {
        let (bucket, rate) = (Bucket::default(), rate(10, 5));
        assert_eq!(taken(&bucket, rate, 9, MADE_AT), 5);
        assert_eq!(taken(&bucket, rate, 1, after_ms(99)), 0);
        assert_eq!(taken(&bucket, rate, 9, after_ms(100)), 1);
        assert_eq!(taken(&bucket, rate, 9, after_ms(350)), 2);
        assert_eq!(
            taken(&bucket, rate, 9, after_ms(60_000)),
            5,
            "no more than the burst"
        );
    }

    #[test]
    fn the_wait_is_whole_seconds_until_there_is_one() {
        let (bucket, rate) = (Bucket::default(), rate(1, 3));
        assert_eq!(taken(&bucket, rate, 3, MADE_AT), 3);
        assert_eq!(bucket.take(rate, MADE_AT), Err(1));
        assert_eq!(bucket.take(rate, after_ms(-1)), Err(2));
        assert_eq!(bucket.take(rate, after_ms(1)), Err(1));
        assert_eq!(bucket.take(rate, after_ms(999)), Err(1));
        assert_eq!(bucket.take(rate, after_ms(1_000)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_lock_out() {
        let (bucket, rate) = (Bucket::default(), rate(10, 5));
        assert_eq!(taken(&bucket, rate, 5, after_ms(3_600_000)), 5);
        assert_eq!(taken(&bucket, rate, 9, MADE_AT), 5);
        // A thread that read the clock a moment earlier gets no new bucket.
        assert_eq!(taken(&bucket, rate, 9, after_ms(-1)), 0);
    }

    #[test]
    fn the_largest_figures_do_not_overflow() {
        let (bucket, rate) = (Bucket::default(), rate(1, u32::MAX));
        assert_eq!(taken(&bucket, rate, 1_000, MADE_AT), 1_000);
        let (bucket, rate) = (Bucket::default(), self::rate(u32::MAX, 1));
        assert_eq!(
            taken(&bucket, rate, 10, MADE_AT),
            10,
            "more than the clock can tell apart"
        );
    }

    #[test]
    fn threads_share_a_bucket_without_losing_count() {
        let (bucket, rate) = (Bucket::default(), rate(1, 1_000));
        let total: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| taken(&bucket, rate, 500, MADE_AT)))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(total, 1_000);
    }
}
