//! The limits of the embedded store, each with its default.

use std::time::Duration;

/// How the embedded store is set up. Every queue and buffer has its limit here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Batches that may wait for the disk; further ones are refused. Default 4,096.
    pub max_queued_batches: usize,
    /// Bytes that may wait for the disk; further batches are refused. Default 64 MiB.
    pub max_queued_bytes: usize,
    /// Bytes of one batch at most. Default 32 MiB.
    pub max_batch_bytes: usize,
    /// Bytes that are written with one sync at most, unless one batch alone has more. Default 8 MiB.
    pub max_commit_bytes: usize,
    /// The length at which a segment of the log is closed, and the bytes that are sealed at once: sealing takes a small
    /// multiple of it in memory. Default 32 MiB.
    pub segment_bytes: u64,
    /// Bytes of the log that may wait to be sealed; further batches are refused. Default 8 GiB.
    pub max_log_bytes: u64,
    /// The age at which a segment is closed and sealed; `None` seals on request only. Default 5 minutes.
    pub seal_after: Option<Duration>,
    /// What questions are limited to.
    pub query: QueryOptions,
}

/// What questions are limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryOptions {
    /// Bytes that one analysis takes for its identities at most; with more identities it takes several passes.
    /// Default 256 MiB.
    pub analysis_memory_bytes: usize,
    /// Questions answered at the same time; further ones wait. Default 2.
    pub max_concurrent_queries: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            max_queued_batches: 4_096,
            max_queued_bytes: 64 << 20,
            max_batch_bytes: 32 << 20,
            max_commit_bytes: 8 << 20,
            segment_bytes: 32 << 20,
            max_log_bytes: 8 << 30,
            seal_after: Some(Duration::from_mins(5)),
            query: QueryOptions::default(),
        }
    }
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            analysis_memory_bytes: 256 << 20,
            max_concurrent_queries: 2,
        }
    }
}
