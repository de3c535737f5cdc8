//! The bounded queue between those who append and the one writer.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::{EventsError, Result};

/// A batch waiting for the disk.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The records, their checksums still open.
    pub frames: Vec<u8>,
    /// Answered when the batch is durable, or when it will not be.
    pub reply: oneshot::Sender<Result<()>>,
}

/// What the writer is asked to do next.
#[derive(Debug)]
pub(crate) enum Work {
    /// Write these batches and sync once.
    Commit(Vec<Batch>),
    /// Close the active segment, so that it can be sealed, and answer.
    Rotate(mpsc::SyncSender<()>),
}

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueLimits {
    /// Batches waiting.
    pub batches: usize,
    /// Bytes of records waiting.
    pub bytes: usize,
    /// Bytes of records taken for one sync; at least one batch is always taken.
    pub commit_bytes: usize,
}

/// The queue. Whoever appends is refused at once when it is full.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: QueueLimits,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<Batch>,
    bytes: usize,
    rotate: Vec<mpsc::SyncSender<()>>,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
            filled: Condvar::new(),
        }
    }

    /// Queues a batch; the receiver is answered when it is durable.
    ///
    /// # Errors
    /// `Unavailable` when the queue is full or closed.
    pub(crate) fn push(&self, frames: Vec<u8>) -> Result<oneshot::Receiver<Result<()>>> {
        let (reply, receiver) = oneshot::channel();
        let mut state = self.lock();
        if state.closed {
            return Err(EventsError::unavailable("the event log is closed"));
        }
        if state.batches.len() >= self.limits.batches || state.bytes + frames.len() > self.limits.bytes {
            return Err(EventsError::unavailable("too many events wait for the disk"));
        }
        state.bytes += frames.len();
        state.batches.push_back(Batch { frames, reply });
        drop(state);
        self.filled.notify_one();
        Ok(receiver)
    }

    /// Asks for the active segment to be closed; the receiver is answered once it is, or fails when the writer is gone.
    pub(crate) fn request_rotation(&self) -> mpsc::Receiver<()> {
        let (reply, receiver) = mpsc::sync_channel(1);
        let mut state = self.lock();
        if !state.closed {
            state.rotate.push(reply);
        }
        drop(state);
        self.filled.notify_one();
        receiver
    }

    /// Waits for work. `None` when the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            // First, because under load there is always a batch.
            if let Some(reply) = state.rotate.pop() {
                return Some(Work::Rotate(reply));
            }
            if !state.batches.is_empty() {
                return Some(Work::Commit(self.take_batches(&mut state)));
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn take_batches(&self, state: &mut State) -> Vec<Batch> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(batch) = state.batches.front() {
            if !taken.is_empty() && bytes + batch.frames.len() > self.limits.commit_bytes {
                break;
            }
            bytes += batch.frames.len();
            taken.extend(state.batches.pop_front());
        }
        state.bytes -= bytes;
        taken
    }

    /// Refuses new batches; those already waiting are still taken.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Refuses new batches and drops those waiting, whose receivers then see that nobody will answer.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.batches.clear();
        state.rotate.clear();
        state.bytes = 0;
    }

    /// The state is only ever changed by whole steps, so a panic elsewhere leaves it sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
