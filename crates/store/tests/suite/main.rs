//! The conformance suite of the store: every test runs on an SQLite file and, when `LIFTGATE_TEST_POSTGRES` names a
//! server, on a fresh database there.

mod accounts;
mod environments;
mod migrations;
mod projects;
mod support;
mod transactions;
