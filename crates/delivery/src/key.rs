//! Environment keys: which kinds there are, and why one is refused.

use std::collections::HashMap;
use std::sync::Arc;

use liftgate_model::Timestamp;
use liftgate_model::environment::EnvironmentKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::data::EnvironmentData;
use crate::rate::{Bucket, KeyRate};

/// The SHA-256 of a key: keys are known and looked for by it, so that neither memory nor a copy on disk has one that
/// could be presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// Of a key's text.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }
}

/// A server-side key, as far as it takes to check one that is presented.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerKeyData {
    /// Of the key.
    pub digest: KeyDigest,
    /// Inactive keys are refused.
    pub is_active: bool,
    /// Until when it is accepted.
    pub expires_at: Option<Timestamp>,
}

impl From<&EnvironmentKey> for ServerKeyData {
    fn from(key: &EnvironmentKey) -> Self {
        Self {
            digest: KeyDigest::of(&key.key),
            is_active: key.active,
            expires_at: key.expires_at,
        }
    }
}

/// Which kind of key a caller presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// The environment's own, public key: never sees server-only features, and writes traits only where that is allowed.
    Client,
    /// A secret key, `ser.…`.
    Server,
}

/// Why a key opens nothing (contract, sdk-api section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// There is no key.
    #[error("no environment key was given")]
    Missing,
    /// No environment has this key.
    #[error("the environment key is not known")]
    Unknown,
    /// The key was switched off.
    #[error("the environment key is inactive")]
    Inactive,
    /// The key's time is over.
    #[error("the environment key has expired")]
    Expired,
    /// The key was used too often.
    #[error("the environment key is used too often")]
    TooOften {
        /// Seconds until it may be used again, at least 1.
        retry_after_seconds: u32,
    },
    /// The key is good, but the organisation serves nothing at present.
    #[error("the organisation is disabled from serving flags")]
    OrganisationStopped,
}

/// The keys of one environment.
#[derive(Debug)]
pub(crate) struct Keys(HashMap<KeyDigest, KeyTerms>);

#[derive(Debug)]
struct KeyTerms {
    kind: KeyKind,
    is_active: bool,
    expires_at: Option<Timestamp>,
    /// Outlives snapshots.
    bucket: Arc<Bucket>,
}

impl Keys {
    pub(crate) fn of(data: &EnvironmentData) -> Self {
        let client = KeyTerms {
            kind: KeyKind::Client,
            is_active: true,
            expires_at: None,
            bucket: Arc::default(),
        };
        let server = data.keys.iter().map(|key| {
            let terms = KeyTerms {
                kind: KeyKind::Server,
                is_active: key.is_active,
                expires_at: key.expires_at,
                bucket: Arc::default(),
            };
            (key.digest, terms)
        });
        let own = std::iter::once((KeyDigest::of(&data.environment.api_key), client));
        Self(own.chain(server).collect())
    }

    /// The kind of a key that is good at this time. With a rate, this is a use of the key, good or not.
    pub(crate) fn check(
        &self,
        key: KeyDigest,
        rate: Option<KeyRate>,
        now: Timestamp,
    ) -> Result<KeyKind, KeyRefusal> {
        let terms = self.0.get(&key).ok_or(KeyRefusal::Unknown)?;
        take(&terms.bucket, rate, now)?;
        if !terms.is_active {
            return Err(KeyRefusal::Inactive);
        }
        if terms.expires_at.is_some_and(|end| end <= now) {
            return Err(KeyRefusal::Expired);
        }
        Ok(terms.kind)
    }

    /// Goes on counting where the keys of an earlier snapshot are.
    pub(crate) fn succeed(&mut self, earlier: &Self) {
        for (key, terms) in &mut self.0 {
            if let Some(earlier) = earlier.0.get(key) {
                terms.bucket = Arc::clone(&earlier.bucket);
            }
        }
    }

    /// All keys, good or not.
    pub(crate) fn digests(&self) -> impl Iterator<Item = KeyDigest> {
        self.0.keys().copied()
    }

    /// Whether the keys are the same as another's, whatever their terms.
    pub(crate) fn has_same_digests(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.keys().all(|key| other.0.contains_key(key))
    }
}

/// Takes a use out of a bucket, if there is a rate.
pub(crate) fn take(bucket: &Bucket, rate: Option<KeyRate>, now: Timestamp) -> Result<(), KeyRefusal> {
    let too_often = |retry_after_seconds| KeyRefusal::TooOften { retry_after_seconds };
    rate.map_or(Ok(()), |rate| bucket.take(rate, now).map_err(too_often))
}
