//! Where stored identities come from.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use liftgate_model::identity::{Trait, TraitValue};
use liftgate_model::{EnvironmentId, IdentityId};

use super::SentTrait;

/// An identity as it is stored.
#[derive(Debug, Clone)]
pub struct StoredIdentity {
    /// Id.
    pub id: IdentityId,
    /// Its traits, ascending by id; keys differ.
    pub traits: Vec<Trait>,
}

/// What a call changes about the stored traits of an identity. No key occurs twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraitChanges {
    /// Traits to store, each over the one of the same key.
    pub set: Vec<(String, TraitValue)>,
    /// Keys of traits to delete, whether they are there or not.
    pub delete: Vec<String>,
}

/// An integer to add to a trait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitIncrement {
    /// The trait's key. A trait that is not there starts at 0.
    pub key: String,
    /// What is added; may be negative.
    pub by: i64,
}

/// What came of adding to a trait.
#[derive(Debug, Clone)]
pub enum IncrementOutcome {
    /// It is stored.
    Stored {
        /// The identity as it is then.
        identity: StoredIdentity,
        /// The trait's value then.
        value: i64,
    },
    /// The trait is of another type; nothing is changed.
    NotAnInteger,
    /// The trait would leave the range of 64-bit integers; nothing is changed.
    OutOfRange,
}

/// Why stored identities cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not now; the same call may succeed later.
    #[error("stored identities are unavailable")]
    Unavailable,
    /// What is stored cannot be read, or another defect, which the source has logged.
    #[error("stored identities cannot be read")]
    Internal,
}

/// Stored identities and their traits: the database, or an upstream server.
///
/// Each future may be dropped before it is done, when a caller has gone or waited too long; what was begun then happens
/// as a whole or not at all, and what is read of the identity afterwards is what it left.
#[async_trait]
pub trait IdentitySource: Send + Sync {
    /// The identity of that identifier, if there is one.
    async fn load(
        &self,
        environment: EnvironmentId,
        identifier: &str,
    ) -> Result<Option<StoredIdentity>, SourceError>;

    /// Changes traits of an identity, creating it if there is none, and returns it as it is then. Atomic and durable;
    /// concurrent calls for one identifier lose nothing.
    async fn apply(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        changes: TraitChanges,
    ) -> Result<StoredIdentity, SourceError>;

    /// Adds to a trait of an identity, creating either if it is not there. Atomic and durable; concurrent calls for one
    /// identifier lose nothing.
    async fn increment(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        increment: &TraitIncrement,
    ) -> Result<IncrementOutcome, SourceError>;
}

impl TraitChanges {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.delete.is_empty()
    }

    /// What storing the sent traits changes about an identity; everything that was sent where none is known. Of several
    /// with one key the last counts; transient ones do not.
    pub(crate) fn between(stored: Option<&StoredIdentity>, sent: &[SentTrait]) -> Self {
        let mut changes = Self::default();
        if sent.is_empty() || stored.is_some_and(|stored| is_stored(&stored.traits, sent)) {
            return changes;
        }
        let old: Option<HashMap<&str, &TraitValue>> = stored.map(|stored| {
            let traits = stored.traits.iter();
            traits.map(|old| (old.key.as_str(), &old.value)).collect()
        });
        let mut seen = HashSet::new();
        for new in sent.iter().rev().filter(|new| !new.is_transient) {
            if !seen.insert(new.key.as_str()) {
                continue;
            }
            match (&new.value, old.as_ref().map(|old| old.get(new.key.as_str()))) {
                (Some(value), Some(Some(old))) if *old == value => {}
                (Some(value), _) => changes.set.push((new.key.clone(), value.clone())),
                (None, Some(None)) => {}
                (None, _) => changes.delete.push(new.key.clone()),
            }
        }
        // Traits that are new are stored, and later shown, in the order they were sent in.
        changes.set.reverse();
        changes.delete.reverse();
        changes
    }
}

/// The most stored traits that are looked through one by one for each that was sent.
const FEW_TRAITS: usize = 64;

/// Whether each of the sent traits that are to be stored is there with its value, as it is in most calls. Where it would
/// take long to find out, the answer is no.
fn is_stored(stored: &[Trait], sent: &[SentTrait]) -> bool {
    stored.len() <= FEW_TRAITS
        && sent.iter().enumerate().all(|(at, new)| {
            // Most callers send them in the same order every time.
            let old = stored
                .get(at)
                .filter(|old| old.key == new.key)
                .or_else(|| stored.iter().find(|old| old.key == new.key));
            new.is_transient || old.map(|old| &old.value) == new.value.as_ref()
        })
}
