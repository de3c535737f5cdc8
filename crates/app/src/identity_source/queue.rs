//! Trait changes waiting to be written: whatever has gathered while one transaction was on its way to the disk becomes
//! the next one. Whoever comes alone waits for nobody.
//!
//! The queue is emptied by a task that is there while there is something to write. A change whose caller has gone away
//! before its turn is never written; one that has been begun is finished, whoever has gone.

use liftgate_delivery::{SourceError, StoredIdentity};
use liftgate_model::{Clock, EnvironmentId};
use liftgate_store::Store;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{oneshot, watch};

use super::write::{Change, write};

/// The most changes that wait; more are refused at once.
const WAITING: usize = 10_000;
/// The most changes of one transaction.
const TOGETHER: usize = 256;

type Answer = Result<StoredIdentity, SourceError>;

/// The queue of one store.
#[derive(Clone)]
pub(super) struct WriteQueue(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Counts the transactions that have ended.
    ended: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// What the transaction under way is about.
    writing: Vec<Arc<Change>>,
    /// Whether a task empties the queue.
    is_emptied: bool,
}

struct Waiting {
    change: Arc<Change>,
    reply: oneshot::Sender<Answer>,
}

impl WriteQueue {
    pub(super) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            state: Mutex::default(),
            ended: watch::Sender::new(0),
        }))
    }

    /// Writes a change; answers once it is durable, or will not be.
    pub(super) async fn write(&self, change: Change) -> Answer {
        let (reply, answer) = oneshot::channel();
        let is_first = {
            let mut state = self.0.lock();
            if state.waiting.len() >= WAITING {
                return Err(SourceError::Unavailable);
            }
            state.waiting.push_back(Waiting {
                change: Arc::new(change),
                reply,
            });
            !std::mem::replace(&mut state.is_emptied, true)
        };
        if is_first {
            let emptying = Emptying {
                queue: Arc::clone(&self.0),
                is_done: false,
            };
            tokio::spawn(emptying.run());
        }
        // Without an answer the task has ended before its time.
        answer.await.unwrap_or(Err(SourceError::Unavailable))
    }

    /// Waits until no transaction that is under way is about the identity.
    pub(super) async fn settled(&self, environment: EnvironmentId, identifier: &str) {
        let mut ended = self.0.ended.subscribe();
        loop {
            let _ = ended.borrow_and_update();
            let is_writing = self
                .0
                .lock()
                .writing
                .iter()
                .any(|change| change.environment == environment && change.identifier == identifier);
            if !is_writing || ended.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Inner {
    /// The state is only ever changed by whole steps, so a panic elsewhere leaves it sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes of the next transaction, in the order they came, none of them about the same identity as another; empty
    /// when there is nothing to do, and then nobody empties the queue any more.
    fn take(&self) -> Vec<Waiting> {
        let mut state = self.lock();
        let mut taken = Vec::with_capacity(state.waiting.len().min(TOGETHER));
        let mut names = HashSet::new();
        while taken.len() < TOGETHER {
            let Some(next) = state.waiting.pop_front() else {
                break;
            };
            if next.reply.is_closed() {
                continue;
            }
            if !names.insert((next.change.environment, next.change.identifier.clone())) {
                state.waiting.push_front(next);
                break;
            }
            taken.push(next);
        }
        state.writing = taken.iter().map(|next| Arc::clone(&next.change)).collect();
        state.is_emptied = !taken.is_empty();
        taken
    }

    fn end(&self) {
        self.lock().writing.clear();
        self.ended.send_modify(|count| *count += 1);
    }
}

/// The task that empties the queue.
struct Emptying {
    queue: Arc<Inner>,
    is_done: bool,
}

impl Emptying {
    async fn run(mut self) {
        loop {
            // Whoever is ready to ask comes along.
            tokio::task::yield_now().await;
            let taken = self.queue.take();
            if taken.is_empty() {
                self.is_done = true;
                return;
            }
            let (changes, replies): (Vec<_>, Vec<_>) =
                taken.into_iter().map(|one| (one.change, one.reply)).unzip();
            let changes: Vec<&Change> = changes.iter().map(AsRef::as_ref).collect();
            let answers = write(&self.queue.store, &changes, self.queue.clock.now()).await;
            self.queue.end();
            for (reply, answer) in replies.into_iter().zip(answers) {
                // Whoever has gone away does not hear what became of it.
                let _ = reply.send(answer);
            }
        }
    }
}

impl Drop for Emptying {
    /// Whatever ends the task before its time, nobody may wait for it for ever.
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        let abandoned = {
            let mut state = self.queue.lock();
            state.is_emptied = false;
            std::mem::take(&mut state.waiting)
        };
        self.queue.end();
        drop(abandoned);
    }
}
