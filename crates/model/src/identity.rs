//! Identities and their traits.

use crate::{EnvironmentId, IdentityId, Timestamp, TraitId};
use serde::{Deserialize, Serialize};

/// One person or device, as an environment knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// Id.
    pub id: IdentityId,
    /// The name the client uses, at most 2,000 characters, unique in the environment.
    pub identifier: String,
    /// The environment.
    pub environment: EnvironmentId,
    /// When it was first seen.
    pub created_at: Timestamp,
}

/// The value of a trait.
#[derive(Debug, Clone, PartialEq)]
pub enum TraitValue {
    /// Text of at most 2,000 characters.
    Text(String),
    /// A 64-bit integer.
    Integer(i64),
    /// A finite number with a fraction.
    Float(f64),
    /// True or false.
    Boolean(bool),
}

/// A stored trait of an identity.
#[derive(Debug, Clone)]
pub struct Trait {
    /// Id.
    pub id: TraitId,
    /// The identity.
    pub identity: IdentityId,
    /// At most 200 characters, unique for the identity.
    pub key: String,
    /// Value.
    pub value: TraitValue,
    /// When it was first set.
    pub created_at: Timestamp,
}
