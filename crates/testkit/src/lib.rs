//! What tests stand on: a clock moved by hand, a server on a fresh database, clients, and builders of what most tests
//! need. For tests only.
//!
//! [`TestServer::start`] gives a node on a fresh SQLite file, or, when `LIFTGATE_TEST_POSTGRES` names a Postgres server,
//! on a fresh database there. The same tests run on both.

#![expect(
    clippy::missing_panics_doc,
    reason = "what fails here fails the test it is called from"
)]

mod client;
mod clock;
mod notices;
mod proxy;
mod server;
mod targeting;
mod workspace;

pub use client::{Answer, Client};
pub use clock::TestClock;
pub use notices::{Notice, Notices};
pub use proxy::Proxy;
pub use server::{Stopped, TestServer, fresh_postgres};
pub use workspace::{Flag, Workspace};
