//! The router as clients see it: driven in process, without a socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allow;
mod bodies;
mod callers;
mod documentation;
mod failures;
mod hostile;
mod kit;
mod pages;
mod paths;
mod probes;
mod sharing;
