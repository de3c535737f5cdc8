//! Turning closed log segments into Parquet files, in a thread of its own.
//!
//! * `sealing`: segments to one new part for each partition they touch.
//! * `compaction`: several parts of a partition to one.
//! * `commit`: the one step by which either becomes true.
//! * `cleaning`: what a crash left behind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tracing::error;

use crate::disk::Disk;
use crate::error::{EventsError, Result};
use crate::log::queue::Queue;
use crate::log::segment::HEADER_BYTES;
use crate::state::SharedState;

pub(crate) mod cleaning;
mod commit;
mod compaction;
mod sealing;

/// How long the sealer leaves a failing disk alone before it tries again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// How often the sealer looks at the age of the active segment, at most.
const MAX_TICK: Duration = Duration::from_secs(1);

/// What the sealer is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// A segment is ready to be sealed.
    SegmentClosed,
    /// Seal everything that is acknowledged now, and answer.
    SealNow(oneshot::Sender<Result<()>>),
    /// Seal everything and merge each partition into one file, and answer.
    CompactNow(oneshot::Sender<Result<()>>),
    /// End the thread; what is not sealed stays in the log.
    Stop,
}

/// What the sealer needs.
pub(crate) struct Sealer {
    pub disk: Arc<dyn Disk>,
    pub queue: Arc<Queue>,
    pub state: Arc<SharedState>,
    /// Bytes of segments sealed at once, which bounds the memory.
    pub segment_bytes: u64,
    /// The age at which the active segment is closed and sealed; `None` seals on request only.
    pub seal_after: Option<Duration>,
    /// The id of the next part: never one that a failed attempt has used.
    pub next_part: u64,
}

impl Sealer {
    /// Starts the thread.
    pub(crate) fn spawn(mut self, commands: mpsc::Receiver<Command>) -> Result<JoinHandle<()>> {
        thread::Builder::new()
            .name("events-seal".to_owned())
            .spawn(move || self.run(&commands))
            .map_err(|error| EventsError::unavailable(&format!("the sealer's thread did not start: {error}")))
    }

    fn run(&mut self, commands: &mpsc::Receiver<Command>) {
        let tick = self.seal_after.map_or(MAX_TICK, |age| {
            (age / 4).clamp(Duration::from_millis(10), MAX_TICK)
        });
        let mut not_before = Instant::now();
        loop {
            match commands.recv_timeout(tick) {
                Ok(Command::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Ok(Command::SealNow(reply)) => {
                    let outcome = self.guarded(|sealer| sealer.rotate().and_then(|()| sealer.seal_closed()));
                    // Whoever asked may have given up waiting.
                    let _ = reply.send(outcome);
                }
                Ok(Command::CompactNow(reply)) => {
                    let outcome = self.guarded(|sealer| {
                        sealer.rotate()?;
                        sealer.seal_closed()?;
                        sealer.compact(true)
                    });
                    let _ = reply.send(outcome);
                }
                Ok(Command::SegmentClosed) | Err(mpsc::RecvTimeoutError::Timeout) => {
                    if Instant::now() < not_before {
                        continue;
                    }
                    if let Err(failure) = self.guarded(Self::seal_what_is_due) {
                        error!(error = %failure, "events could not be sealed; they stay in the log");
                        not_before = Instant::now() + RETRY_AFTER;
                    }
                }
            }
        }
    }

    /// Runs a step; a panic in it (a damaged file may trip the Parquet reader) is an error like any other.
    fn guarded(&mut self, step: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        catch_unwind(AssertUnwindSafe(|| step(self))).unwrap_or_else(|_| {
            Err(EventsError::Internal {
                reason: "a panic while sealing".to_owned(),
            })
        })
    }

    fn seal_what_is_due(&mut self) -> Result<()> {
        let Some(age) = self.seal_after else { return Ok(()) };
        let active_is_due = {
            let files = self.state.lock();
            files
                .active
                .as_ref()
                .is_some_and(|it| it.since.elapsed() >= age && it.bytes > HEADER_BYTES as u64)
        };
        if active_is_due {
            self.rotate()?;
        }
        if self.state.lock().closed.is_empty() {
            return Ok(());
        }
        self.seal_closed()?;
        self.compact(false)
    }

    /// Closes the active segment, waiting for the writer to have done so.
    fn rotate(&self) -> Result<()> {
        let rotated = self.queue.request_rotation();
        rotated.recv().or_else(|_| {
            // The writer closes its segment when it ends.
            if self.state.lock().active.is_none() {
                Ok(())
            } else {
                Err(EventsError::unavailable("the event log has stopped"))
            }
        })
    }
}
