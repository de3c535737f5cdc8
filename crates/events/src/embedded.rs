//! The embedded store: the log, its sealer and the reader of both, in one directory.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use async_trait::async_trait;
use tokio::sync::oneshot;

use crate::disk::{Disk, RealDisk, ensure_dir};
use crate::error::{EventsError, Result};
use crate::event::Event;
use crate::layout::{Layout, segment_id};
use crate::log::queue::{Queue, QueueLimits};
use crate::log::record;
use crate::log::recovery::{list_segments, recover_segments};
use crate::log::writer::Writer;
use crate::manifest::Manifest;
use crate::options::EmbeddedOptions;
use crate::reader::EmbeddedReader;
use crate::seal::cleaning::{list, remove_orphans};
use crate::seal::{Command, Sealer};
use crate::state::{Files, SharedState};
use crate::store::EventSink;

/// An event store in a directory of this machine, open for writing by this process alone.
///
/// Dropping it does what [`EmbeddedStore::close`] does, and waits.
#[derive(Debug)]
pub struct EmbeddedStore {
    options: EmbeddedOptions,
    queue: Arc<Queue>,
    state: Arc<SharedState>,
    sealer: mpsc::Sender<Command>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
    reader: EmbeddedReader,
    /// Held as long as the store is.
    _lock: File,
}

impl EmbeddedStore {
    /// Opens the store in a directory, creating it when it is missing, and mends what a crash has left: torn writes are
    /// cut off, unfinished files removed.
    ///
    /// # Errors
    /// `Locked` when another process has the store open for writing, `Corrupt` when the manifest cannot be read,
    /// `StorageFull` and `Io` when the directory cannot be used.
    pub fn open(directory: &Path, options: EmbeddedOptions) -> Result<Self> {
        Self::open_on(Arc::new(RealDisk), directory, options)
    }

    /// Opens the store on a file system of the caller's.
    ///
    /// # Errors
    /// See [`EmbeddedStore::open`].
    pub fn open_on(disk: Arc<dyn Disk>, directory: &Path, options: EmbeddedOptions) -> Result<Self> {
        let directory =
            std::path::absolute(directory).map_err(|error| EventsError::io("finding", directory, error))?;
        let layout = Layout::new(&directory);
        ensure_dir(disk.as_ref(), layout.root())
            .map_err(|error| EventsError::io("creating", layout.root(), error))?;
        let lock = lock(&layout)?;

        let manifest = Manifest::load(&layout)?;
        remove_orphans(disk.as_ref(), &layout, &manifest)?;
        let next_segment = next_segment(&layout, &manifest)?;
        let closed = recover_segments(disk.as_ref(), &layout, manifest.sealed_through)?;
        let next_part = manifest.next_part;
        let files = Files {
            manifest: Arc::new(manifest),
            closed,
            active: None,
            next_segment,
        };
        let state = Arc::new(SharedState::new(layout, files));
        let queue = Arc::new(Queue::new(QueueLimits {
            batches: options.max_queued_batches,
            bytes: options.max_queued_bytes,
            commit_bytes: options.max_commit_bytes,
        }));

        let (sealer, commands) = mpsc::channel();
        let writer = Writer {
            disk: Arc::clone(&disk),
            queue: Arc::clone(&queue),
            state: Arc::clone(&state),
            segment_bytes: options.segment_bytes,
            segment_closed: sealer.clone(),
        };
        let sealing = Sealer {
            disk,
            queue: Arc::clone(&queue),
            state: Arc::clone(&state),
            segment_bytes: options.segment_bytes,
            seal_after: options.seal_after,
            next_part,
        };
        let writer_thread = writer.spawn()?;
        let reader = EmbeddedReader::new(Arc::clone(&state) as _, options.query);
        let threads = Arc::new(Mutex::new(vec![writer_thread]));
        let store = Self {
            options,
            queue,
            state,
            sealer,
            threads,
            reader,
            _lock: lock,
        };
        // From here on, an error closes the store and with it the writer.
        let sealer_thread = sealing.spawn(commands)?;
        store
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sealer_thread);
        Ok(store)
    }

    /// Turns everything that was acknowledged before this call into Parquet files.
    ///
    /// # Errors
    /// `StorageFull`, `Io` or `Unavailable` when it did not succeed; the events then stay in the log.
    pub async fn seal_now(&self) -> Result<()> {
        self.tell_sealer(Command::SealNow).await
    }

    /// Seals like [`EmbeddedStore::seal_now`] and merges the files of each environment and day into one.
    ///
    /// # Errors
    /// See [`EmbeddedStore::seal_now`].
    pub async fn compact_now(&self) -> Result<()> {
        self.tell_sealer(Command::CompactNow).await
    }

    /// Ends the store: further batches are refused, those that wait are written and answered, and the threads end. What
    /// is not sealed stays in the log, to be sealed after the next opening.
    pub async fn close(&self) {
        self.stop();
        let threads = Arc::clone(&self.threads);
        // A panic of a thread has been logged where it happened.
        let _ = tokio::task::spawn_blocking(move || join(&threads)).await;
    }

    /// Returns what answers questions about the store's events, also after it has been closed.
    pub fn reader(&self) -> &EmbeddedReader {
        &self.reader
    }

    /// Returns how many acknowledged bytes wait in the log to be sealed.
    pub fn unsealed_bytes(&self) -> u64 {
        self.state.lock().log_bytes()
    }

    async fn tell_sealer(&self, command: impl FnOnce(oneshot::Sender<Result<()>>) -> Command) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let closed = || EventsError::unavailable("the event store is closed");
        self.sealer.send(command(reply)).map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    fn stop(&self) {
        // The sealer may have ended already.
        let _ = self.sealer.send(Command::Stop);
        self.queue.close();
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.stop();
        join(&self.threads);
    }
}

fn join(threads: &Mutex<Vec<JoinHandle<()>>>) {
    let threads = std::mem::take(&mut *threads.lock().unwrap_or_else(PoisonError::into_inner));
    for thread in threads {
        // A panic of a thread has been logged where it happened.
        let _ = thread.join();
    }
}

/// Takes the directory's lock, which the operating system gives back when the process ends.
fn lock(layout: &Layout) -> Result<File> {
    let path = layout.lock();
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = opened.map_err(|error| EventsError::io("opening", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EventsError::Locked {
            path: layout.root().to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(EventsError::io("locking", &path, error)),
    }
}

/// Returns an id that no segment has had.
fn next_segment(layout: &Layout, manifest: &Manifest) -> Result<u64> {
    let in_log = list_segments(layout)?.into_iter().max().unwrap_or(0);
    let set_aside = list(&layout.corrupt_log(), "")?
        .iter()
        .filter_map(|path| segment_id(path))
        .max()
        .unwrap_or(0);
    Ok(in_log.max(set_aside).max(manifest.sealed_through) + 1)
}

#[async_trait]
impl EventSink for EmbeddedStore {
    async fn append(&self, events: Vec<Event>) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let mut frames = Vec::new();
        for (at, event) in events.iter().enumerate() {
            record::encode(event, at + 1 < events.len(), &mut frames)?;
        }
        drop(events);
        if frames.len() > self.options.max_batch_bytes {
            let limit = self.options.max_batch_bytes as u64;
            return Err(EventsError::LimitExceeded {
                what: "the size of a batch in bytes",
                limit,
            });
        }
        if self.unsealed_bytes() >= self.options.max_log_bytes {
            return Err(EventsError::unavailable("too many events wait to be sealed"));
        }
        let durable = self.queue.push(frames)?;
        durable
            .await
            .unwrap_or_else(|_| Err(EventsError::unavailable("the event log has stopped")))
    }
}
