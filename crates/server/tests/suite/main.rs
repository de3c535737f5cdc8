//! The HTTP suite: real requests to a real node on a real database, SQLite or, with `LIFTGATE_TEST_POSTGRES`, Postgres.

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
