//! The nouns of Liftgate: typed ids, domain types, the clock and the source of randomness. Pure: no I/O, no SQL, no HTTP.
//!
//! What an environment serves can be serialised as it is, for copies of it on disk; the wire has types of its own.
//!
//! To add a noun: one file named after it, a typed id in [`ids`], and a line here. Types of the wire live in `api`,
//! rows of the database in `store`; both convert to what is here.

pub mod access;
pub mod account;
pub mod analysis;
pub mod audit;
pub mod breakdown;
pub mod clock;
pub mod environment;
mod exact;
pub mod experiment;
pub mod feature;
pub mod feature_state;
pub mod identity;
pub mod ids;
pub mod metric;
pub mod page;
pub mod project;
pub mod random;
pub mod secret;
pub mod segment;
pub mod time;
pub mod usage;
pub mod value;
pub mod warehouse;

pub use access::{EnvironmentPermission, OrganisationPermission, OrganisationRole, ProjectPermission};
pub use clock::{Clock, SystemClock};
pub use ids::*;
pub use page::{Page, Slice};
pub use random::{OsRandom, Random};
pub use secret::Secret;
pub use time::Timestamp;
pub use value::{FlagValue, Leftovers};
