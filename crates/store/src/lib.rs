//! Relational persistence on SQLite and Postgres, behind one handle that hands out transactions.
//!
//! * [`Store::begin`] opens a transaction for writing; [`Store::reader`] reads without one.
//! * One file an aggregate: typed functions over a connection. Rows stay in here; `liftgate-model` types come out.
//! * Absence is `Option`; errors say what a caller can act on.
//!
//! To add a table: a migration, an entity, functions in an aggregate's file, and a line in the conformance suite.

mod changes;
mod connection;
mod dialect;
mod entity;
mod error;
mod migration;
mod pulse;
mod untold;
mod values;
mod watched;

pub mod analysis_settings;
pub mod audit;
pub mod breakdowns;
pub mod computations;
pub mod counters;
pub mod environments;
pub mod experiment_phases;
pub mod experiments;
pub mod feature_segments;
pub mod feature_states;
pub mod feature_versions;
pub mod features;
pub mod grants;
pub mod group_grants;
pub mod groups;
pub mod identities;
pub mod identity_batches;
pub mod invite_links;
pub mod invites;
pub mod master_keys;
pub mod metrics;
pub mod options;
pub mod organisations;
pub mod projects;
pub mod segments;
pub mod settings;
pub mod tags;
pub mod usage;
pub mod users;
pub mod warehouses;

pub use changes::{Changes, News};
pub use connection::{Conn, Reader, Store, StoreOptions, Tx};
pub use error::{Error, Result};
