//! The stored traits of identities, as the data plane asks for them.

mod queue;
mod write;

use async_trait::async_trait;
use liftgate_delivery::{
    IdentitySource, IncrementOutcome, SourceError, StoredIdentity, TraitChanges, TraitIncrement,
};
use liftgate_model::identity::{Trait, TraitValue};
use liftgate_model::{Clock, EnvironmentId};
use liftgate_store::{Error, Store, identities};
use std::sync::Arc;

use queue::WriteQueue;
use write::Change;

/// After how many seconds a remembered identity is read again where other nodes write to the same database. They tell what
/// they change; this bounds how long what one could not tell, because it died, goes unnoticed.
pub const IDENTITY_AGE_SECONDS: u32 = 60;

/// Identities in the database. It needs no [`App`](crate::App), because that holds the data plane, which holds this.
pub struct StoredIdentities {
    store: Store,
    clock: Arc<dyn Clock>,
    writes: WriteQueue,
}

impl StoredIdentities {
    /// Over a database. Until it is migrated, its identities are unavailable.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            writes: WriteQueue::new(store.clone(), Arc::clone(&clock)),
            store,
            clock,
        }
    }
}

#[async_trait]
impl IdentitySource for StoredIdentities {
    async fn load(
        &self,
        environment: EnvironmentId,
        identifier: &str,
    ) -> Result<Option<StoredIdentity>, SourceError> {
        self.store.check_migrated().map_err(failed)?;
        // A write whose caller gave up may still be under way: what is read now must be what it leaves.
        self.writes.settled(environment, identifier).await;
        let reader = self.store.reader();
        let found = identities::find_by_identifier(&reader, environment, identifier).await;
        let Some(identity) = found.map_err(failed)? else {
            return Ok(None);
        };
        let traits = identities::list_traits(&reader, identity.id)
            .await
            .map_err(failed)?;
        Ok(Some(StoredIdentity {
            id: identity.id,
            traits,
        }))
    }

    async fn apply(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        changes: TraitChanges,
    ) -> Result<StoredIdentity, SourceError> {
        let change = Change {
            environment,
            identifier: identifier.to_owned(),
            changes,
        };
        self.writes.write(change).await
    }

    async fn increment(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        increment: &TraitIncrement,
    ) -> Result<IncrementOutcome, SourceError> {
        self.writes.settled(environment, identifier).await;
        self.add(environment, identifier, increment).await.map_err(failed)
    }
}

impl StoredIdentities {
    /// Makes the identity if it is not there, then adds to its trait: all or nothing.
    async fn add(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        increment: &TraitIncrement,
    ) -> Result<IncrementOutcome, Error> {
        let TraitIncrement { key, by } = increment;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let id = identities::find_or_create(&tx, environment, identifier, now)
            .await?
            .id;
        let value = identities::increment_trait(&tx, id, key, *by, now).await?;
        let traits = identities::list_traits(&tx, id).await?;
        let Some(value) = value else {
            let is_integer =
                |stored: &Trait| stored.key == *key && matches!(stored.value, TraitValue::Integer(_));
            return Ok(if traits.iter().any(is_integer) {
                IncrementOutcome::OutOfRange
            } else {
                IncrementOutcome::NotAnInteger
            });
        };
        tx.commit().await?;
        self.store.tell_identities(environment, Some(identifier));
        let identity = StoredIdentity { id, traits };
        Ok(IncrementOutcome::Stored { identity, value })
    }
}

/// The database's failure in the data plane's words.
fn failed(error: Error) -> SourceError {
    match error {
        Error::Busy(_) | Error::Unavailable(_) => SourceError::Unavailable,
        other => {
            tracing::error!(error = ?other, "identity_source.failed");
            SourceError::Internal
        }
    }
}
