//! What is remembered of stored identities: a bounded cache, and the turns in which the source is asked.
//!
//! # How staleness is kept out
//! * All calls to the source for one identity are made in its [`Turn`], one after the other, so a load never overlaps a
//!   write of this process.
//! * Forgetting during a turn is counted, and what the turn then brings home is not kept.
//! * Before a write the entry becomes doubtful: should the write be cut off, the next call asks the source again.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use liftgate_model::{EnvironmentId, Timestamp};
use tokio::sync::OwnedMutexGuard;

use super::known::Known;

/// Independent parts of the cache, so that calls rarely wait for each other.
const SHARDS: usize = 16;

/// The name of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct IdentityKey {
    pub(super) environment: EnvironmentId,
    pub(super) identifier: Arc<str>,
}

/// What is remembered, at most about as many identities as it was made for.
pub(super) struct IdentityCache {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
}

/// Entries in two generations: what is used moves to the recent one, and when that is full it becomes the older one,
/// whose entries are dropped. So an entry outlives at least half a shard of others used after it.
struct Shard {
    recent: HashMap<IdentityKey, Entry>,
    older: HashMap<IdentityKey, Entry>,
    generation_limit: usize,
    flights: HashMap<IdentityKey, Flight>,
}

#[derive(Clone)]
struct Entry {
    known: Arc<Known>,
    is_doubtful: bool,
}

/// A turn that someone has or waits for.
#[derive(Default)]
struct Flight {
    turn: Arc<tokio::sync::Mutex<()>>,
    users: usize,
    forgotten: u64,
}

/// What the cache says of an identity.
pub(super) enum Remembered {
    /// As it is stored.
    Current(Arc<Known>),
    /// Perhaps no longer so.
    Doubtful(Arc<Known>),
    Nothing,
}

impl IdentityCache {
    pub(super) fn new(capacity: usize) -> Self {
        let shard = || Shard {
            recent: HashMap::new(),
            older: HashMap::new(),
            generation_limit: (capacity / SHARDS / 2).max(1),
            flights: HashMap::new(),
        };
        Self {
            shards: std::iter::repeat_with(shard)
                .take(SHARDS)
                .map(Mutex::new)
                .collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is remembered, which counts as use. What was read before `oldest` is doubtful.
    pub(super) fn find(&self, key: &IdentityKey, oldest: Timestamp) -> Remembered {
        match self.shard(key).find(key) {
            None => Remembered::Nothing,
            Some(entry) if entry.is_doubtful || entry.known.read_at < oldest => {
                Remembered::Doubtful(entry.known)
            }
            Some(entry) => Remembered::Current(entry.known),
        }
    }

    /// Waits for the turn to ask the source about an identity.
    pub(super) async fn turn(&self, key: &IdentityKey) -> Turn<'_> {
        let lock = {
            let mut shard = self.shard(key);
            let flight = shard.flights.entry(key.clone()).or_default();
            flight.users += 1;
            Arc::clone(&flight.turn)
        };
        // Made before waiting, so that a caller who gives up is counted out again.
        let place = Place {
            cache: self,
            key: key.clone(),
        };
        Turn {
            _guard: lock.lock_owned().await,
            place,
        }
    }

    /// Drops an identity.
    pub(super) fn forget(&self, key: &IdentityKey) {
        let mut shard = self.shard(key);
        shard.recent.remove(key);
        shard.older.remove(key);
        if let Some(flight) = shard.flights.get_mut(key) {
            flight.forgotten += 1;
        }
    }

    /// Drops all identities of an environment.
    pub(super) fn forget_environment(&self, environment: EnvironmentId) {
        for shard in &self.shards {
            let shard = &mut *lock(shard);
            shard.recent.retain(|key, _| key.environment != environment);
            shard.older.retain(|key, _| key.environment != environment);
            for (key, flight) in &mut shard.flights {
                flight.forgotten += u64::from(key.environment == environment);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a shard is chosen by the low bits of the hash"
    )]
    fn shard(&self, key: &IdentityKey) -> MutexGuard<'_, Shard> {
        lock(&self.shards[self.hasher.hash_one(key) as usize % SHARDS])
    }
}

impl Shard {
    fn find(&mut self, key: &IdentityKey) -> Option<Entry> {
        if let Some(entry) = self.recent.get(key) {
            return Some(entry.clone());
        }
        let (key, entry) = self.older.remove_entry(key)?;
        self.insert(key, entry.clone());
        Some(entry)
    }

    fn insert(&mut self, key: IdentityKey, entry: Entry) {
        self.older.remove(&key);
        self.recent.insert(key, entry);
        if self.recent.len() > self.generation_limit {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}

/// A place in the queue for an identity's turn.
struct Place<'a> {
    cache: &'a IdentityCache,
    key: IdentityKey,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut shard = self.cache.shard(&self.key);
        if let Some(flight) = shard.flights.get_mut(&self.key) {
            flight.users -= 1;
            if flight.users == 0 {
                shard.flights.remove(&self.key);
            }
        }
    }
}

/// The turn to ask the source about one identity; nobody else does until it is dropped.
pub(super) struct Turn<'a> {
    _guard: OwnedMutexGuard<()>,
    place: Place<'a>,
}

impl Turn<'_> {
    pub(super) fn key(&self) -> &IdentityKey {
        &self.place.key
    }

    /// How often the identity was forgotten since someone wanted its turn; taken before the source is asked.
    pub(super) fn forgotten(&self) -> u64 {
        let shard = self.place.cache.shard(self.key());
        shard.flights.get(self.key()).map_or(0, |flight| flight.forgotten)
    }

    /// Makes what is remembered doubtful, before it is changed.
    pub(super) fn doubt(&self) {
        let mut shard = self.place.cache.shard(self.key());
        let shard = &mut *shard;
        for generation in [&mut shard.recent, &mut shard.older] {
            if let Some(entry) = generation.get_mut(self.key()) {
                entry.is_doubtful = true;
            }
        }
    }

    /// Keeps what the source said, unless the identity was forgotten since.
    pub(super) fn remember(&self, known: &Arc<Known>, forgotten: u64) {
        let mut shard = self.place.cache.shard(self.key());
        let is_forgotten = shard
            .flights
            .get(self.key())
            .is_none_or(|flight| flight.forgotten != forgotten);
        if !is_forgotten {
            let entry = Entry {
                known: Arc::clone(known),
                is_doubtful: false,
            };
            shard.insert(self.key().clone(), entry);
        }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: usize) -> IdentityKey {
        IdentityKey {
            environment: EnvironmentId(1),
            identifier: name.to_string().into(),
        }
    }

    fn known() -> Arc<Known> {
        Arc::new(Known::new("x", None, Timestamp(5)))
    }

    fn is_current(cache: &IdentityCache, key: &IdentityKey) -> bool {
        matches!(cache.find(key, Timestamp(0)), Remembered::Current(_))
    }

    #[tokio::test]
    async fn it_is_bounded_and_keeps_what_is_used() {
        let capacity = 1_000;
        let cache = IdentityCache::new(capacity);
        for name in 0..20_000 {
            let key = key(name);
            let turn = cache.turn(&key).await;
            turn.remember(&known(), turn.forgotten());
            assert!(
                is_current(&cache, &super::tests::key(0)),
                "used all the time, dropped at {name}"
            );
        }
        let held: usize = cache
            .shards
            .iter()
            .map(|shard| {
                let shard = lock(shard);
                shard.recent.len() + shard.older.len()
            })
            .sum();
        assert!((capacity / 4..=capacity + SHARDS).contains(&held), "{held}");
        assert!(cache.shards.iter().all(|shard| lock(shard).flights.is_empty()));
    }

    #[tokio::test]
    async fn what_was_forgotten_meanwhile_is_not_kept() {
        let cache = IdentityCache::new(100);
        for forget in [
            |cache: &IdentityCache| cache.forget(&key(1)),
            |cache: &IdentityCache| {
                cache.forget_environment(EnvironmentId(1));
            },
        ] {
            let turn = cache.turn(&key(1)).await;
            let before = turn.forgotten();
            forget(&cache);
            turn.remember(&known(), before);
            assert!(!is_current(&cache, &key(1)));
            turn.remember(&known(), turn.forgotten());
            assert!(is_current(&cache, &key(1)));
            forget(&cache);
            assert!(!is_current(&cache, &key(1)));
        }
    }

    #[tokio::test]
    async fn a_caller_who_gives_up_leaves_no_trace() {
        let cache = IdentityCache::new(100);
        let turn = cache.turn(&key(1)).await;
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(5), cache.turn(&key(1))).await;
        assert!(waiting.is_err());
        drop(turn);
        assert!(cache.shards.iter().all(|shard| lock(shard).flights.is_empty()));
    }

    #[tokio::test]
    async fn doubt_and_age_ask_for_another_look() {
        let cache = IdentityCache::new(100);
        let turn = cache.turn(&key(1)).await;
        turn.remember(&known(), turn.forgotten());
        assert!(matches!(
            cache.find(&key(1), Timestamp(6)),
            Remembered::Doubtful(_)
        ));
        assert!(is_current(&cache, &key(1)));
        turn.doubt();
        assert!(matches!(
            cache.find(&key(1), Timestamp(0)),
            Remembered::Doubtful(_)
        ));
    }
}
