//! The HTTP suite: real requests to a real node on a real database, SQLite or, with `LIFTGATE_TEST_POSTGRES`, Postgres.

mod experiment_metrics;
mod experiments;
mod identities;
mod segments;
mod support;
mod warehouse_connections;
