//! The table of what is served now: keys to environments, environments to snapshots.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use liftgate_model::{Clock, EnvironmentId, Random, Timestamp};
use tokio::sync::watch;

use crate::data::Stamp;
use crate::identity::{
    Identified, IdentifyError, Identities, IdentityCall, IdentityOptions, IdentitySource, IncrementError,
    SentTrait, TraitIncrement,
};
use crate::key::{self, KeyDigest, KeyKind, KeyRefusal};
use crate::rate::{Bucket, KeyRate};
use crate::snapshot::EnvironmentSnapshot;
use crate::usage::UsageCounters;

/// The data plane: the snapshots that are served, and what is remembered of identities.
///
/// Reads take no lock; publishing is serialised.
pub struct Delivery {
    table: ArcSwap<Table>,
    publishing: Mutex<()>,
    identities: Identities,
    usage: UsageCounters,
    key_rate: Option<KeyRate>,
    /// Of all keys together that no environment has.
    unknown_keys: Bucket,
}

/// Which environments there are and which keys open them.
#[derive(Default, Clone)]
struct Table {
    keys: HashMap<KeyDigest, Arc<Slot>>,
    environments: HashMap<EnvironmentId, Arc<Slot>>,
}

/// The place of one environment. Outlives its snapshots.
struct Slot {
    snapshot: ArcSwap<EnvironmentSnapshot>,
    updates: watch::Sender<Timestamp>,
}

impl Delivery {
    /// A data plane that serves nothing yet and reads stored traits from `source`.
    pub fn new(source: Arc<dyn IdentitySource>, clock: Arc<dyn Clock>, options: IdentityOptions) -> Self {
        Self {
            table: ArcSwap::default(),
            publishing: Mutex::new(()),
            identities: Identities::new(source, clock, options),
            usage: UsageCounters::default(),
            key_rate: None,
            unknown_keys: Bucket::default(),
        }
    }

    /// The same, but each key may be used this often only, and so may be all keys together that no environment has.
    #[must_use]
    pub fn with_key_rate(self, key_rate: Option<KeyRate>) -> Self {
        Self { key_rate, ..self }
    }

    /// Serves a snapshot from now on, then tells the subscribers of the environment. A snapshot of an earlier revision
    /// than the one served is ignored.
    pub fn publish(&self, mut snapshot: EnvironmentSnapshot) {
        let _turn = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, updated_at) = (snapshot.environment_id(), snapshot.updated_at());
        let table = self.table.load();
        if let Some(slot) = table.environments.get(&id) {
            let served = slot.snapshot.load_full();
            if snapshot.revision() < served.revision() {
                return;
            }
            snapshot.succeed(&served);
            let snapshot = Arc::new(snapshot);
            slot.snapshot.store(Arc::clone(&snapshot));
            if !snapshot.keys().has_same_digests(served.keys()) {
                self.table.store(Arc::new(table.with(id, slot, &snapshot)));
            }
            slot.updates.send_if_modified(|told| {
                let is_news = *told < updated_at;
                *told = updated_at.max(*told);
                is_news
            });
        } else {
            let snapshot = Arc::new(snapshot);
            let slot = Arc::new(Slot {
                snapshot: ArcSwap::new(Arc::clone(&snapshot)),
                updates: watch::Sender::new(updated_at),
            });
            self.table.store(Arc::new(table.with(id, &slot, &snapshot)));
        }
    }

    /// Stops serving an environment and forgets its identities. Its subscriptions end.
    pub fn remove(&self, environment: EnvironmentId) {
        let turn = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = Table::clone(&self.table.load());
        if let Some(slot) = table.environments.remove(&environment) {
            table.keys.retain(|_, other| !Arc::ptr_eq(other, &slot));
            self.table.store(Arc::new(table));
        }
        drop(turn);
        self.identities.forget_environment(environment);
    }

    /// The snapshot that a key opens now, and the kind of the key, for a request: this is a use of the key.
    ///
    /// # Errors
    /// Why it opens none; [`KeyRefusal::TooOften`] before anything else about the key.
    pub fn admit(
        &self,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<(Arc<EnvironmentSnapshot>, KeyKind), KeyRefusal> {
        self.look_up(key, self.key_rate, now)
    }

    /// The snapshot that a key opens now, and the kind of the key, without using it.
    ///
    /// # Errors
    /// Why it opens none.
    pub fn find(
        &self,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<(Arc<EnvironmentSnapshot>, KeyKind), KeyRefusal> {
        self.look_up(key, None, now)
    }

    fn look_up(
        &self,
        key: Option<&str>,
        rate: Option<KeyRate>,
        now: Timestamp,
    ) -> Result<(Arc<EnvironmentSnapshot>, KeyKind), KeyRefusal> {
        let key = key.filter(|key| !key.is_empty()).ok_or(KeyRefusal::Missing)?;
        let key = KeyDigest::of(key);
        let table = self.table.load();
        let Some(slot) = table.keys.get(&key) else {
            key::take(&self.unknown_keys, rate, now)?;
            return Err(KeyRefusal::Unknown);
        };
        let snapshot = slot.snapshot.load_full();
        let kind = snapshot.keys().check(key, rate, now)?;
        if snapshot.is_stopped() {
            return Err(KeyRefusal::OrganisationStopped);
        }
        Ok((snapshot, kind))
    }

    /// The snapshot of an environment, whatever the keys and the organisation say.
    pub fn snapshot(&self, environment: EnvironmentId) -> Option<Arc<EnvironmentSnapshot>> {
        let table = self.table.load();
        Some(table.environments.get(&environment)?.snapshot.load_full())
    }

    /// Which state of every environment is served.
    pub fn stamps(&self) -> HashMap<EnvironmentId, Stamp> {
        let table = self.table.load();
        let stamp = |(id, slot): (&EnvironmentId, &Arc<Slot>)| (*id, slot.snapshot.load().stamp());
        table.environments.iter().map(stamp).collect()
    }

    /// The environments in which a version should have come into force by `now`, and which state of them is served.
    pub fn due(&self, now: Timestamp) -> Vec<(EnvironmentId, Stamp)> {
        let table = self.table.load();
        let due = |(id, slot): (&EnvironmentId, &Arc<Slot>)| {
            let snapshot = slot.snapshot.load();
            let is_due = snapshot.next_change().is_some_and(|next| next <= now);
            is_due.then(|| (*id, snapshot.stamp()))
        };
        table.environments.iter().filter_map(due).collect()
    }

    /// The `updated_at` of an environment, with a notice of every later one after its answers are served. Of several in
    /// quick succession the last is told; an error means that the environment is gone.
    pub fn subscribe(&self, environment: EnvironmentId) -> Option<watch::Receiver<Timestamp>> {
        let table = self.table.load();
        Some(table.environments.get(&environment)?.updates.subscribe())
    }

    /// Evaluates the flags for an identity and stores what is to be stored (contract, sdk-api section 3).
    ///
    /// # Errors
    /// [`IdentifyError::Unavailable`] when something is to be stored and cannot be now, [`IdentifyError::Internal`] when
    /// the stored identity cannot be read.
    pub async fn identify(
        &self,
        snapshot: Arc<EnvironmentSnapshot>,
        kind: KeyKind,
        call: IdentityCall,
        random: &dyn Random,
    ) -> Result<Identified, IdentifyError> {
        self.identities.identify(snapshot, kind, call, random).await
    }

    /// Stores traits of an identity and deletes those of null, without evaluating (contract, sdk-api section 4). The
    /// identity is created, unless traits are only deleted. Whether traits may be stored is for the caller to check:
    /// [`EnvironmentSnapshot::takes_traits`], [`EnvironmentSnapshot::persists_traits`].
    ///
    /// # Errors
    /// As [`Delivery::identify`]; then nothing is stored.
    pub async fn store_traits(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        traits: &[SentTrait],
    ) -> Result<(), IdentifyError> {
        self.identities
            .store_traits(environment, identifier, traits)
            .await
    }

    /// Adds to a trait of an identity; its value then. Whether traits may be stored is for the caller to check.
    ///
    /// # Errors
    /// As [`Delivery::identify`], and what the trait's value does not allow.
    pub async fn increment_trait(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        increment: &TraitIncrement,
    ) -> Result<i64, IncrementError> {
        self.identities
            .increment(environment, identifier, increment)
            .await
    }

    /// How often what is served is asked for.
    pub fn usage(&self) -> &UsageCounters {
        &self.usage
    }

    /// Drops what is remembered of an identity; to be called after its traits were changed elsewhere or it was deleted.
    pub fn forget(&self, environment: EnvironmentId, identifier: &str) {
        self.identities.forget(environment, identifier);
    }

    /// Has every identity that is remembered by now read again before it is used; while that cannot be done, what is
    /// remembered counts. To be called when changes may have gone unheard.
    pub fn doubt_identities(&self) {
        self.identities.doubt();
    }

    /// Lets reads ask the source again, after it was away. Whoever else asks it says so; without a word from anybody, only
    /// calls that need it try.
    pub fn source_answers(&self) {
        self.identities.source_answers();
    }

    /// Drops what is remembered of all identities of an environment.
    pub fn forget_environment(&self, environment: EnvironmentId) {
        self.identities.forget_environment(environment);
    }
}

impl Table {
    /// The table with an environment's slot under its present keys only.
    fn with(&self, id: EnvironmentId, slot: &Arc<Slot>, snapshot: &EnvironmentSnapshot) -> Self {
        let mut table = self.clone();
        table.keys.retain(|_, other| !Arc::ptr_eq(other, slot));
        let keys = snapshot.keys().digests().map(|key| (key, Arc::clone(slot)));
        table.keys.extend(keys);
        table.environments.insert(id, Arc::clone(slot));
        table
    }
}
