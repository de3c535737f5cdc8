//! The least that durable events can cost: their bytes appended to a file and synced, one batch after the other.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::process;

/// How long is appended.
const TIME: Duration = Duration::from_secs(3);

/// Processor time for a batch of these bytes, in microseconds.
pub fn append_and_sync(batch: &str) -> f64 {
    let mut file = tempfile::tempfile_in(std::env::temp_dir()).unwrap();
    let (begun, before) = (Instant::now(), process::own_cpu_seconds());
    let mut batches = 0.0;
    while begun.elapsed() < TIME {
        file.write_all(batch.as_bytes()).unwrap();
        file.sync_data().unwrap();
        batches += 1.0;
    }
    (process::own_cpu_seconds() - before) * 1e6 / batches
}
