//! The HTTP suite: real requests to a real node on a real database, SQLite or, with `LIFTGATE_TEST_POSTGRES`, Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod audit;
mod auth;
mod environments;
mod experiment_metrics;
mod experiments;
mod identities;
mod organisations;
mod permissions;
mod projects;
mod segments;
mod support;
mod tags;
mod warehouse_connections;
