//! A sliding window per scope and caller.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use liftgate_app::Error;
use liftgate_model::Timestamp;
use liftgate_model::account::Actor;

use super::{Caller, Limits, Rate, Scope};

/// Who called how often lately.
#[derive(Debug)]
pub struct Throttles {
    limits: Limits,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    times: HashMap<(&'static str, Caller), VecDeque<Timestamp>>,
    swept: Option<Timestamp>,
}

/// The longest window that a sweep keeps.
const DAY_SECONDS: i64 = 86_400;
/// Seconds between two sweeps.
const SWEEP_SECONDS: i64 = 60;

impl Throttles {
    /// Nobody called yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            seen: Mutex::default(),
        }
    }

    /// Counts a request under the scope, or refuses it.
    ///
    /// # Errors
    /// [`Error::Throttled`] with the seconds until the oldest request of the window leaves it.
    pub fn check<S: Scope>(&self, caller: Caller, now: Timestamp) -> Result<(), Error> {
        self.count(S::NAME, S::rate(&self.limits), caller, now)
    }

    /// Counts a request of a signed-in caller under its global rate, if it has one.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn check_actor(&self, actor: &Actor, now: Timestamp) -> Result<(), Error> {
        let (name, rate) = match actor {
            Actor::User(_) => ("user", self.limits.user),
            Actor::MasterKey(_) => ("master_api_key", self.limits.master_api_key),
        };
        rate.map_or(Ok(()), |rate| self.count(name, rate, actor.into(), now))
    }

    fn count(&self, name: &'static str, rate: Rate, caller: Caller, now: Timestamp) -> Result<(), Error> {
        // A panic elsewhere while counting leaves at most one count wrong, so a poisoned lock is used on.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.sweep(now);
        seen.make_room((name, caller), self.limits.callers);
        let times = seen.times.entry((name, caller)).or_default();
        // Times in the future were counted before the clock was set back; they would lock the caller out.
        times.retain(|time| *time <= now && time.plus_seconds(rate.seconds.into()) > now);
        if times.len() < rate.requests as usize {
            times.push_back(now);
            return Ok(());
        }
        let free = times
            .front()
            .map_or(now, |first| *first)
            .plus_seconds(rate.seconds.into());
        let wait_micros = free.0.saturating_sub(now.0).max(1);
        let retry_after_seconds = u64::try_from(wait_micros).unwrap_or(1).div_ceil(1_000_000);
        Err(Error::Throttled {
            detail: None,
            retry_after_seconds,
        })
    }
}

impl Seen {
    /// Forgets callers not seen for a day, once a minute.
    fn sweep(&mut self, now: Timestamp) {
        let due = self
            .swept
            .is_none_or(|swept| now.seconds_since(swept).abs() >= SWEEP_SECONDS);
        if due {
            let recent = |last: &Timestamp| now.seconds_since(*last) < DAY_SECONDS;
            self.times.retain(|_, times| times.back().is_some_and(recent));
            self.swept = Some(now);
        }
    }

    /// Forgets the caller not seen for longest when a new one would be too many.
    fn make_room(&mut self, key: (&'static str, Caller), callers: usize) {
        if self.times.len() < callers.max(1) || self.times.contains_key(&key) {
            return;
        }
        let oldest = self
            .times
            .iter()
            .min_by_key(|(_, times)| times.back().copied())
            .map(|(key, _)| *key);
        if let Some(oldest) = oldest {
            self.times.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use liftgate_model::UserId;

    use super::super::{Login, MfaCode, Signup};
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(1_795_347_321_000_000).plus_seconds(seconds)
    }

    fn wait<S: Scope>(throttles: &Throttles, caller: Caller, now: Timestamp) -> Option<u64> {
        match throttles.check::<S>(caller, now) {
            Ok(()) => None,
            Err(Error::Throttled {
                detail: None,
                retry_after_seconds,
            }) => Some(retry_after_seconds),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn address(text: &str) -> Caller {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn the_window_slides() {
        let throttles = Throttles::new(Limits::default());
        let caller = address("192.0.2.1");
        for second in 0..5 {
            assert_eq!(wait::<MfaCode>(&throttles, caller, at(second)), None);
        }
        assert_eq!(wait::<MfaCode>(&throttles, caller, at(5)), Some(55));
        assert_eq!(wait::<MfaCode>(&throttles, caller, at(59)), Some(1));
        assert_eq!(
            wait::<MfaCode>(&throttles, caller, Timestamp(at(60).0 - 1)),
            Some(1)
        );
        assert_eq!(wait::<MfaCode>(&throttles, caller, at(60)), None);
        assert_eq!(wait::<MfaCode>(&throttles, caller, at(60)), Some(1));
        assert_eq!(wait::<MfaCode>(&throttles, caller, at(61)), None);
    }

    #[test]
    fn scopes_and_callers_are_counted_apart() {
        let throttles = Throttles::new(Limits {
            login: Rate::per_minute(1),
            ..Limits::default()
        });
        assert_eq!(wait::<Login>(&throttles, address("192.0.2.1"), at(0)), None);
        assert_eq!(wait::<Login>(&throttles, address("192.0.2.1"), at(0)), Some(60));
        assert_eq!(wait::<Login>(&throttles, address("192.0.2.2"), at(0)), None);
        assert_eq!(wait::<Login>(&throttles, Caller::User(UserId(1)), at(0)), None);
        assert_eq!(wait::<Signup>(&throttles, address("192.0.2.1"), at(0)), None);
        assert_eq!(wait::<Login>(&throttles, address("2001:db8::1"), at(0)), None);
        assert_eq!(wait::<Login>(&throttles, address("2001:db8::2"), at(0)), Some(60));
        assert_eq!(wait::<Login>(&throttles, address("2001:db8:0:1::2"), at(0)), None);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_lock_out() {
        let throttles = Throttles::new(Limits {
            login: Rate::per_minute(1),
            ..Limits::default()
        });
        assert_eq!(wait::<Login>(&throttles, address("192.0.2.1"), at(100_000)), None);
        assert_eq!(wait::<Login>(&throttles, address("192.0.2.1"), at(0)), None);
        assert_eq!(wait::<Login>(&throttles, address("192.0.2.1"), at(1)), Some(59));
    }

    #[test]
    fn memory_is_bounded() {
        let throttles = Throttles::new(Limits {
            callers: 3,
            login: Rate::per_minute(1),
            ..Limits::default()
        });
        for last in 1..=200_u8 {
            let caller = Caller::Address(IpAddr::from([192, 0, 2, last]));
            assert_eq!(wait::<Login>(&throttles, caller, at(i64::from(last))), None);
            assert!(throttles.seen.lock().unwrap().times.len() <= 3);
        }
        throttles
            .check::<Login>(address("192.0.2.1"), at(2 * DAY_SECONDS))
            .unwrap();
        assert_eq!(throttles.seen.lock().unwrap().times.len(), 1);
    }
}
