//! The conformance suite of the store: every test runs on an SQLite file and, when `LIFTGATE_TEST_POSTGRES` names a
//! server, on a fresh database there.

mod accounts;
mod completeness;
mod environments;
mod experiments;
mod features;
mod groups;
mod identities;
mod long_lists;
mod migrations;
mod projects;
mod segments;
mod states;
mod support;
mod transactions;
mod usage;
mod versions;
