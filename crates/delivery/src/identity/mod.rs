//! Identities: their stored traits, and the flags evaluated for them.

mod anonymous;
mod cache;
mod gate;
mod identified;
mod known;
mod sent;
mod source;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use liftgate_model::identity::Trait;
use liftgate_model::{Clock, EnvironmentId, Random, Timestamp};

use cache::{IdentityCache, IdentityKey, Remembered, Turn};
use gate::{Gate, Urgency};
pub use identified::Identified;
use known::{IdentityView, Known};
pub use sent::{SentTrait, trait_json, trait_value_of_json};
pub use source::{
    IdentitySource, IncrementOutcome, SourceError, StoredIdentity, TraitChanges, TraitIncrement,
};

use crate::data::EnvironmentData;
use crate::key::KeyKind;
use crate::snapshot::{self, EnvironmentSnapshot, Inspection, SnapshotOptions, TracedFlag};

/// The seconds after which a call that could not be stored is worth another try.
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// The limits of what is remembered of identities.
#[derive(Debug, Clone)]
pub struct IdentityOptions {
    /// How many identities are remembered, at most. Default: 100,000.
    pub capacity: usize,
    /// After how many seconds a remembered identity is read again. `None` is right where nobody else writes to the source
    /// without telling ([`Delivery::forget`](crate::Delivery::forget)). Default: `None`.
    pub max_age_seconds: Option<u32>,
    /// How long a read waits for the source before it goes on from memory. Default: 2 seconds.
    pub load_timeout: Duration,
    /// How long a call that stores something waits before it gives up. Default: 5 seconds.
    pub apply_timeout: Duration,
}

impl Default for IdentityOptions {
    fn default() -> Self {
        Self {
            capacity: 100_000,
            max_age_seconds: None,
            load_timeout: Duration::from_secs(2),
            apply_timeout: Duration::from_secs(5),
        }
    }
}

/// A call about an identity (contract, sdk-api section 3).
#[derive(Debug, Clone, Default)]
pub struct IdentityCall {
    /// `None` or empty: an anonymous identity, of which nothing is stored.
    pub identifier: Option<String>,
    /// Whether nothing of the call is stored.
    pub is_transient: bool,
    /// Traits; of several with one key the last counts.
    pub traits: Vec<SentTrait>,
}

/// Why a call about an identity cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifyError {
    /// The call changes stored traits, and these cannot be stored now. See [`RETRY_AFTER_SECONDS`].
    #[error("traits cannot be stored now")]
    Unavailable,
    /// A defect, which the source has logged.
    #[error("the stored identity cannot be read")]
    Internal,
}

impl From<SourceError> for IdentifyError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Unavailable => Self::Unavailable,
            SourceError::Internal => Self::Internal,
        }
    }
}

/// Why a trait cannot be added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncrementError {
    /// The identity cannot be had.
    #[error(transparent)]
    Identity(#[from] IdentifyError),
    /// The trait is of another type.
    #[error("the trait is not an integer")]
    NotAnInteger,
    /// The trait would leave the range of 64-bit integers.
    #[error("the trait would leave the range of 64-bit integers")]
    OutOfRange,
}

/// What an identity with these stored traits gets of what is stored now, and which segments it is in. Seldom asked, by
/// people: it neither needs nor changes what is served.
pub fn inspect<'a>(data: &'a EnvironmentData, identifier: &str, traits: &[Trait]) -> Inspection<'a> {
    snapshot::inspect(data, &IdentityView::new(identifier, traits, &[]).context)
}

/// What an identity with these stored traits gets of what is stored now, and why. Seldom asked, by people, as
/// [`inspect`].
pub fn trace(
    data: &EnvironmentData,
    options: &SnapshotOptions,
    identifier: &str,
    traits: &[Trait],
) -> Vec<TracedFlag> {
    let view = IdentityView::new(identifier, traits, &[]);
    snapshot::trace(data, options, &view.context)
}

/// Identities as they are stored and remembered.
pub(crate) struct Identities {
    source: Arc<dyn IdentitySource>,
    clock: Arc<dyn Clock>,
    cache: IdentityCache,
    gate: Gate,
    /// What was read before is doubtful, in microseconds since the epoch.
    doubted_before_us: AtomicI64,
    options: IdentityOptions,
}

/// What can be said about an identity now.
enum Memory {
    /// As it is stored.
    Current(Arc<Known>),
    /// The source is away; what it said last, if anything.
    Last(Option<Arc<Known>>),
}

impl Identities {
    pub(crate) fn new(
        source: Arc<dyn IdentitySource>,
        clock: Arc<dyn Clock>,
        options: IdentityOptions,
    ) -> Self {
        Self {
            gate: Gate::new(Arc::clone(&clock)),
            cache: IdentityCache::new(options.capacity),
            doubted_before_us: AtomicI64::new(i64::MIN),
            source,
            clock,
            options,
        }
    }

    pub(crate) async fn identify(
        &self,
        snapshot: Arc<EnvironmentSnapshot>,
        kind: KeyKind,
        call: IdentityCall,
        random: &dyn Random,
    ) -> Result<Identified, IdentifyError> {
        let mut traits = call.traits;
        if !snapshot.takes_traits(kind) {
            traits.clear();
        }
        let identifier = call.identifier.filter(|identifier| !identifier.is_empty());
        if identifier.is_none() || call.is_transient {
            for sent in &mut traits {
                sent.is_transient = true;
            }
        }
        let Some(identifier) = identifier else {
            let identifier = anonymous::identifier(&traits, random);
            let view = IdentityView::new(&identifier, &[], &traits);
            return Ok(Identified::own(snapshot, kind, view));
        };

        let key = IdentityKey {
            environment: snapshot.environment_id(),
            identifier: identifier.into(),
        };
        let known = if call.is_transient {
            match self.recall(&key).await? {
                Memory::Current(known) => Some(known),
                Memory::Last(known) => known,
            }
        } else {
            let stored = if snapshot.persists_traits() {
                traits.as_slice()
            } else {
                &[]
            };
            self.settle(&key, stored).await?
        };
        if snapshot.persists_traits() {
            traits.retain(|sent| sent.is_transient);
        }
        Ok(match known {
            Some(known) if traits.is_empty() => Identified::known(snapshot, kind, known),
            known => {
                let stored = known.as_ref().and_then(|known| known.stored.as_ref());
                let stored = stored.map_or(&[][..], |stored| &stored.traits);
                Identified::own(
                    snapshot,
                    kind,
                    IdentityView::new(&key.identifier, stored, &traits),
                )
            }
        })
    }

    /// Stores traits of an identity, which is created unless all there is to do is to delete.
    pub(crate) async fn store_traits(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        sent: &[SentTrait],
    ) -> Result<(), IdentifyError> {
        let key = IdentityKey {
            environment,
            identifier: identifier.into(),
        };
        let is_deletion = sent.iter().all(|sent| sent.value.is_none());
        if is_deletion
            && let Memory::Current(known) = self.recall(&key).await?
            && known.stored.is_none()
        {
            return Ok(());
        }
        self.settle(&key, sent).await?;
        Ok(())
    }

    /// Adds to a trait of an identity; its value then.
    pub(crate) async fn increment(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        increment: &TraitIncrement,
    ) -> Result<i64, IncrementError> {
        let key = IdentityKey {
            environment,
            identifier: identifier.into(),
        };
        let turn = self.cache.turn(&key).await;
        let (forgotten, read_at) = (turn.forgotten(), self.clock.now());
        turn.doubt();
        let call = self.source.increment(environment, identifier, increment);
        let outcome = self
            .gate
            .ask(self.options.apply_timeout, Urgency::Needed, call)
            .await;
        match outcome.map_err(IdentifyError::from)? {
            IncrementOutcome::Stored { identity, value } => {
                let known = Arc::new(Known::new(identifier, Some(identity), read_at));
                turn.remember(&known, forgotten);
                Ok(value)
            }
            IncrementOutcome::NotAnInteger => Err(IncrementError::NotAnInteger),
            IncrementOutcome::OutOfRange => Err(IncrementError::OutOfRange),
        }
    }

    pub(crate) fn forget(&self, environment: EnvironmentId, identifier: &str) {
        self.cache.forget(&IdentityKey {
            environment,
            identifier: identifier.into(),
        });
    }

    pub(crate) fn doubt(&self) {
        self.doubted_before_us
            .fetch_max(self.clock.now().0, Ordering::Relaxed);
    }

    pub(crate) fn source_answers(&self) {
        self.gate.admit_next();
    }

    pub(crate) fn forget_environment(&self, environment: EnvironmentId) {
        self.cache.forget_environment(environment);
    }

    /// Stores an identity with what the call changes about it; nothing is written where nothing changes. What is known
    /// afterwards: `None` only if nothing was to be stored and nothing can be read.
    async fn settle(
        &self,
        key: &IdentityKey,
        sent: &[SentTrait],
    ) -> Result<Option<Arc<Known>>, IdentifyError> {
        if let Remembered::Current(known) = self.cache.find(key, self.oldest()) {
            let changes = TraitChanges::between(known.stored.as_ref(), sent);
            if known.stored.is_some() && changes.is_empty() {
                return Ok(Some(known));
            }
        }
        let turn = self.cache.turn(key).await;
        let urgency = if sent.is_empty() {
            Urgency::Spared
        } else {
            Urgency::Needed
        };
        let memory = self.recall_in(&turn, urgency).await?;
        let stored = match &memory {
            Memory::Current(known) => known.stored.as_ref(),
            Memory::Last(known) => known.as_ref().and_then(|known| known.stored.as_ref()),
        };
        let changes = TraitChanges::between(stored, sent);
        match memory {
            Memory::Current(known) if known.stored.is_some() && changes.is_empty() => Ok(Some(known)),
            Memory::Current(known) => {
                let is_creation_only = changes.is_empty();
                match self.apply(&turn, changes).await {
                    // Creating it can wait for the next call: nothing of this one is lost.
                    Err(IdentifyError::Unavailable) if is_creation_only => Ok(Some(known)),
                    outcome => outcome.map(Some),
                }
            }
            Memory::Last(known) if changes.is_empty() => Ok(known),
            Memory::Last(_) => Err(IdentifyError::Unavailable),
        }
    }

    async fn recall(&self, key: &IdentityKey) -> Result<Memory, IdentifyError> {
        if let Remembered::Current(known) = self.cache.find(key, self.oldest()) {
            return Ok(Memory::Current(known));
        }
        self.recall_in(&self.cache.turn(key).await, Urgency::Spared).await
    }

    /// What is known; read from the source unless it is current. While the source is away, a read of what was known before
    /// does not wait for it.
    async fn recall_in(&self, turn: &Turn<'_>, urgency: Urgency) -> Result<Memory, IdentifyError> {
        let key = turn.key();
        let last = match self.cache.find(key, self.oldest()) {
            Remembered::Current(known) => return Ok(Memory::Current(known)),
            Remembered::Doubtful(known) => Some(known),
            Remembered::Nothing => None,
        };
        let (forgotten, read_at) = (turn.forgotten(), self.clock.now());
        let load = self.source.load(key.environment, &key.identifier);
        let urgency = if last.is_none() { Urgency::Needed } else { urgency };
        match self.gate.ask(self.options.load_timeout, urgency, load).await {
            Ok(stored) => {
                let known = Arc::new(Known::new(&key.identifier, stored, read_at));
                turn.remember(&known, forgotten);
                Ok(Memory::Current(known))
            }
            Err(SourceError::Unavailable) => Ok(Memory::Last(last)),
            Err(SourceError::Internal) => Err(IdentifyError::Internal),
        }
    }

    async fn apply(&self, turn: &Turn<'_>, changes: TraitChanges) -> Result<Arc<Known>, IdentifyError> {
        let key = turn.key();
        let (forgotten, read_at) = (turn.forgotten(), self.clock.now());
        turn.doubt();
        let apply = self.source.apply(key.environment, &key.identifier, changes);
        let stored = self
            .gate
            .ask(self.options.apply_timeout, Urgency::Needed, apply)
            .await?;
        let known = Arc::new(Known::new(&key.identifier, Some(stored), read_at));
        turn.remember(&known, forgotten);
        Ok(known)
    }

    /// When an identity must have been read at the earliest to be current.
    fn oldest(&self) -> Timestamp {
        let doubted_before = Timestamp(self.doubted_before_us.load(Ordering::Relaxed));
        match self.options.max_age_seconds {
            Some(seconds) => doubted_before.max(self.clock.now().plus_seconds(-i64::from(seconds))),
            None => doubted_before,
        }
    }
}
