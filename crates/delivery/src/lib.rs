//! What a flag read needs, and nothing else: prebuilt snapshots of environments, evaluation for identities, prepared
//! answers. Nothing here can reach a database.
//!
//! # How a read is answered
//! 1. [`Delivery::admit`] turns a key into the [`EnvironmentSnapshot`] that is served now, or into a [`KeyRefusal`].
//! 2. Environment flags, the environment document and the options of a feature are bytes made when the snapshot was
//!    built: [`EnvironmentSnapshot::flags`], [`EnvironmentSnapshot::document`].
//! 3. [`Delivery::identify`] answers for an identity: its stored traits come from a bounded cache over an
//!    [`IdentitySource`], its overrides lie in the snapshot, and the answer is put together from bytes prepared for
//!    every state and variant.
//!
//! # How a change gets here
//! Whoever writes reads [`EnvironmentData`] afterwards, builds a snapshot and [publishes](Delivery::publish) it. A
//! snapshot never replaces one of a later revision. [Subscribers](Delivery::subscribe) hear of it after the swap, so a
//! client that reads again because of it sees the new answers. Changes of traits from elsewhere are announced with
//! [`Delivery::forget`].
//!
//! # When nobody can be asked
//! [`Copies`] keeps [`EnvironmentData`] on disk. A node that starts while its source is away publishes those.
//!
//! # Adding something to an answer
//! What depends on the environment alone is prepared in `snapshot/`, from the `Catalogue`: the one place that decides
//! what is served. The environment document and the engine's context are both made from it, so that local evaluation
//! agrees with the server; the test `local_evaluation` holds the two together.

mod copies;
mod data;
mod delivery;
mod identity;
mod key;
mod rate;
mod snapshot;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod usage;

pub use copies::{Copies, CopyFault};
pub use data::{EnvironmentData, ExperimentInForce, ScheduledVersion, Stamp};
pub use delivery::Delivery;
pub use identity::{
    Identified, IdentifyError, IdentityCall, IdentityOptions, IdentitySource, IncrementError,
    IncrementOutcome, RETRY_AFTER_SECONDS, SentTrait, SourceError, StoredIdentity, TraitChanges,
    TraitIncrement, inspect, trace, trait_json, trait_value_of_json,
};
pub use key::{KeyDigest, KeyKind, KeyRefusal, ServerKeyData};
pub use liftgate_engine::trace::{
    Band, ConditionTrace, FlagTrace, OverrideOutcome, OverrideTrace, RuleTrace, SplitTrace, Winner,
};
pub use liftgate_engine::{Operator, RuleType};
pub use rate::KeyRate;
pub use snapshot::{
    Encoding, EnvironmentSnapshot, InspectedFlag, Inspection, PreparedAnswer, SnapshotOptions, TracedFlag,
    entity_tag,
};
pub use usage::{UsageCounters, UsageCounts};
