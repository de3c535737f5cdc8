//! The durable log: what is acknowledged has been written and synced here first.
//!
//! * `record`: the bytes of one event.
//! * `segment`: the header of a log file, and reading its records back past whatever a crash left.
//! * `queue`: the bounded way from callers to the writer.
//! * `writer`: the one thread that appends, with group commit.
//! * `recovery`: what the writer finds and mends when it opens the directory.

pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod recovery;
pub(crate) mod segment;
pub(crate) mod writer;
