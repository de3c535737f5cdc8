//! The HTTP suite: real requests to a real node on a real database, SQLite or, with `LIFTGATE_TEST_POSTGRES`, Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod audit;
mod auth;
mod copies;
mod empty_lists;
mod environments;
mod experiment_metrics;
mod experiments;
mod feature_segments;
mod feature_states;
mod feature_versions;
mod features;
mod flag_writes;
mod groups;
mod identities;
mod key_rate;
mod mv_options;
mod nodes;
mod organisations;
mod permissions;
mod projects;
mod sdk_traits;
mod segments;
mod silence;
mod streams;
mod support;
mod tags;
mod usage;
mod variants;
mod warehouse_connections;
