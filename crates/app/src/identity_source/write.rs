//! Trait changes of many identities as one transaction.

use liftgate_delivery::{SourceError, StoredIdentity, TraitChanges};
use liftgate_model::identity::TraitValue;
use liftgate_model::{EnvironmentId, IdentityId, Timestamp};
use liftgate_store::{Error, Store, identities, identity_batches};
use std::collections::BTreeMap;

use super::failed;

/// What is to be changed about one identity.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) environment: EnvironmentId,
    pub(super) identifier: String,
    pub(super) changes: TraitChanges,
}

/// Makes the identities that are not there, then removes and sets traits: each identity all or nothing. The answers are
/// in the order of the changes, no two of which may be about one identity.
///
/// It is one transaction for all. Where that fails for a reason that may lie in one of them, each gets its own.
pub(super) async fn write(
    store: &Store,
    changes: &[&Change],
    now: Timestamp,
) -> Vec<Result<StoredIdentity, SourceError>> {
    match write_together(store, changes, now).await {
        Ok(stored) => stored.into_iter().map(Ok).collect(),
        Err(error) if changes.len() == 1 || is_about_all(&error) => {
            let error = failed(error);
            changes.iter().map(|_| Err(error)).collect()
        }
        Err(error) => {
            tracing::debug!(%error, writes = changes.len(), "identity_source.retried_one_by_one");
            let mut answers = Vec::with_capacity(changes.len());
            for change in changes {
                let alone = write_together(store, &[change], now).await;
                answers.push(alone.map_err(failed).and_then(|mut stored| {
                    let stored = stored.pop();
                    stored.ok_or(SourceError::Internal)
                }));
            }
            answers
        }
    }
}

/// Whether an error says nothing about any single change: the database is away.
fn is_about_all(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_))
}

async fn write_together(
    store: &Store,
    changes: &[&Change],
    now: Timestamp,
) -> Result<Vec<StoredIdentity>, Error> {
    let tx = store.begin().await?;
    let names: Vec<(EnvironmentId, &str)> = changes
        .iter()
        .map(|change| (change.environment, change.identifier.as_str()))
        .collect();
    let ids = identity_batches::lock_or_create(&tx, &names, now).await?;
    // By identity and key: a key that is set twice is stored once, with the later value.
    let mut set: BTreeMap<(IdentityId, &str), &TraitValue> = BTreeMap::new();
    for (id, change) in ids.iter().zip(changes) {
        if !change.changes.delete.is_empty() {
            let doomed: Vec<&str> = change.changes.delete.iter().map(String::as_str).collect();
            identities::delete_traits(&tx, *id, &doomed).await?;
        }
        for (key, value) in &change.changes.set {
            set.insert((*id, key.as_str()), value);
        }
    }
    let set: Vec<(IdentityId, &str, &TraitValue)> = set
        .into_iter()
        .map(|((id, key), value)| (id, key, value))
        .collect();
    identity_batches::put_traits(&tx, &set, now).await?;
    let mut traits = identity_batches::list_traits(&tx, &ids).await?;
    tx.commit().await?;
    for (environment, identifier) in names {
        store.tell_identities(environment, Some(identifier));
    }
    let stored = ids.into_iter().map(|id| StoredIdentity {
        id,
        traits: traits.remove(&id).unwrap_or_default(),
    });
    Ok(stored.collect())
}
