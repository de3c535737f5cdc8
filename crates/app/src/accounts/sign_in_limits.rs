//! How often signing in may fail (reliability goal S7).
//!
//! * In a minute: 10 failures for an account, 30 from an address.
//! * In a row, for an account: beyond 10 each failure is followed by a pause that doubles, from 15 seconds to 15
//!   minutes; after 100 by one of a day, so that nobody guesses more than 100 times in a row. Nothing locks for good.
//!
//! Accounts that do not exist are counted like those that do. A try counts as failed until it succeeds, so that many
//! at once are not more than one after the other.

use crate::error::{Error, Result};
use crate::tokens;
use liftgate_model::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

const WINDOW_SECONDS: i64 = 60;
const FAILURES_PER_ACCOUNT: usize = 10;
const FAILURES_PER_ADDRESS: usize = 30;
/// Failures in a row after which pauses begin, and after which the long pause follows.
const FREE_IN_A_ROW: u32 = 10;
const MAX_IN_A_ROW: u32 = 100;
const FIRST_PAUSE_SECONDS: i64 = 15;
const LONGEST_PAUSE_SECONDS: i64 = 15 * 60;
const DAY_SECONDS: i64 = 86_400;
/// Accounts and addresses remembered at a time; beyond it the one that failed longest ago is forgotten.
const REMEMBERED: usize = 10_000;

/// The failures of late.
#[derive(Debug, Default)]
pub(crate) struct SignInLimits {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    accounts: HashMap<String, Failures>,
    addresses: HashMap<IpAddr, Failures>,
}

/// The failures of one account or address.
#[derive(Debug, Default)]
struct Failures {
    recent: VecDeque<Timestamp>,
    in_a_row: u32,
    last: Option<Timestamp>,
}

impl SignInLimits {
    /// Counts a try, or refuses it.
    ///
    /// # Errors
    /// `Throttled`.
    pub(crate) fn begin(&self, email: &str, origin: IpAddr, now: Timestamp) -> Result<()> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let account = tokens::hash(email);
        let wait = wait(seen.accounts.get_mut(&account), FAILURES_PER_ACCOUNT, true, now).max(wait(
            seen.addresses.get_mut(&origin),
            FAILURES_PER_ADDRESS,
            false,
            now,
        ));
        if wait > 0 {
            return Err(Error::Throttled {
                detail: None,
                retry_after_seconds: wait.unsigned_abs(),
            });
        }
        count(&mut seen.accounts, account, now);
        count(&mut seen.addresses, origin, now);
        Ok(())
    }

    /// Notes that the try succeeded: the account starts afresh.
    pub(crate) fn succeed(&self, email: &str, origin: IpAddr) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.accounts.remove(&tokens::hash(email));
        take_back(seen.addresses.get_mut(&origin));
    }

    /// Notes that the try was none: it could not be told whether the password fits.
    pub(crate) fn withdraw(&self, email: &str, origin: IpAddr) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        take_back(seen.accounts.get_mut(&tokens::hash(email)));
        take_back(seen.addresses.get_mut(&origin));
    }
}

/// Seconds until the next try is looked at; 0 means now.
fn wait(failures: Option<&mut Failures>, per_window: usize, pauses: bool, now: Timestamp) -> i64 {
    let Some(failures) = failures else { return 0 };
    // Times in the future were noted before the clock was set back.
    failures
        .recent
        .retain(|at| *at <= now && now < at.plus_seconds(WINDOW_SECONDS));
    let window = match failures.recent.front() {
        Some(first) if failures.recent.len() >= per_window => until(first.plus_seconds(WINDOW_SECONDS), now),
        _ => 0,
    };
    let Some(last) = failures.last.filter(|last| pauses && *last <= now) else {
        return window;
    };
    let pause = until(last.plus_seconds(pause_seconds(failures.in_a_row)), now);
    if pause == 0 && failures.in_a_row >= MAX_IN_A_ROW {
        failures.in_a_row = 0;
    }
    window.max(pause)
}

/// The pause after so many failures in a row.
fn pause_seconds(in_a_row: u32) -> i64 {
    if in_a_row >= MAX_IN_A_ROW {
        return DAY_SECONDS;
    }
    let Some(doublings) = in_a_row.checked_sub(FREE_IN_A_ROW + 1) else {
        return 0;
    };
    (FIRST_PAUSE_SECONDS << doublings.min(6)).min(LONGEST_PAUSE_SECONDS)
}

/// Whole seconds from now until a time, rounded up.
fn until(then: Timestamp, now: Timestamp) -> i64 {
    let micros = then.0.saturating_sub(now.0).max(0);
    micros.div_euclid(1_000_000) + i64::from(micros % 1_000_000 > 0)
}

fn count<K: Hash + Eq + Clone>(all: &mut HashMap<K, Failures>, key: K, now: Timestamp) {
    if all.len() >= REMEMBERED && !all.contains_key(&key) {
        let oldest = all.iter().min_by_key(|(_, failures)| failures.last);
        if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
            all.remove(&oldest);
        }
    }
    let failures = all.entry(key).or_default();
    failures.recent.push_back(now);
    failures.in_a_row = failures.in_a_row.saturating_add(1);
    failures.last = Some(now);
}

fn take_back(failures: Option<&mut Failures>) {
    if let Some(failures) = failures {
        failures.recent.pop_back();
        failures.in_a_row = failures.in_a_row.saturating_sub(1);
        failures.last = failures.recent.back().copied();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn at(seconds: i64) -> Timestamp {
        Timestamp(1_795_347_321_000_000).plus_seconds(seconds)
    }

    fn refused(limits: &SignInLimits, email: &str, origin: IpAddr, seconds: i64) -> Option<u64> {
        match limits.begin(email, origin, at(seconds)) {
            Ok(()) => None,
            Err(Error::Throttled {
                retry_after_seconds, ..
            }) => Some(retry_after_seconds),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_account_fails_ten_times_a_minute_wherever_from() {
        let limits = SignInLimits::default();
        for try_number in 0..10_u8 {
            let origin = IpAddr::from([192, 0, 2, try_number]);
            assert_eq!(refused(&limits, "a@example.com", origin, 0), None);
        }
        assert_eq!(refused(&limits, "a@example.com", HOME, 1), Some(59));
        assert_eq!(refused(&limits, "b@example.com", HOME, 1), None);
        assert_eq!(refused(&limits, "a@example.com", HOME, 60), None);
    }

    #[test]
    fn an_address_fails_thirty_times_a_minute_whatever_account() {
        let limits = SignInLimits::default();
        for number in 0..30 {
            assert_eq!(refused(&limits, &format!("{number}@example.com"), HOME, 0), None);
        }
        assert_eq!(refused(&limits, "new@example.com", HOME, 30), Some(30));
        let elsewhere = IpAddr::from([192, 0, 2, 2]);
        assert_eq!(refused(&limits, "new@example.com", elsewhere, 30), None);
        assert_eq!(refused(&limits, "new@example.com", HOME, 60), None);
    }

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour_and_nothing_locks_for_good() {
        let limits = SignInLimits::default();
        let mut now = 0;
        let mut pauses = Vec::new();
        for _ in 0..100 {
            if let Some(wait) = refused(&limits, "a@example.com", HOME, now) {
                pauses.push(wait);
                now += i64::try_from(wait).unwrap();
                assert_eq!(refused(&limits, "a@example.com", HOME, now), None);
            }
            now += 10;
        }
        assert_eq!(pauses[..6], [5, 20, 50, 110, 230, 470]);
        assert!(pauses[6..].iter().all(|pause| *pause == 890), "{pauses:?}");
        assert_eq!(refused(&limits, "a@example.com", HOME, now), Some(86_390));
        assert_eq!(refused(&limits, "a@example.com", HOME, now + 86_390), None);
        assert_eq!(refused(&limits, "a@example.com", HOME, now + 86_391), None);
    }

    #[test]
    fn success_starts_the_account_afresh_and_does_not_count_for_the_address() {
        let limits = SignInLimits::default();
        for _ in 0..40 {
            assert_eq!(refused(&limits, "a@example.com", HOME, 0), None);
            limits.succeed("a@example.com", HOME);
        }
        for _ in 0..40 {
            assert_eq!(refused(&limits, "a@example.com", HOME, 0), None);
            limits.withdraw("a@example.com", HOME);
        }
    }
}
