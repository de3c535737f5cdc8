//! The one thread that appends to the log.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tracing::{error, info};

use super::queue::{Batch, Queue, Work};
use super::record;
use super::segment::{self, HEADER_BYTES};
use crate::disk::{Disk, DiskFile, ensure_dir};
use crate::error::{EventsError, Result, is_storage_full};
use crate::state::{Segment, SharedState};

/// What the writer needs.
pub(crate) struct Writer {
    pub disk: Arc<dyn Disk>,
    pub queue: Arc<Queue>,
    pub state: Arc<SharedState>,
    /// A segment that has reached this length is closed.
    pub segment_bytes: u64,
    /// Told whenever a segment is closed.
    pub segment_closed: mpsc::Sender<crate::seal::Command>,
}

impl Writer {
    /// Starts the thread. It ends when the queue is closed and empty.
    pub(crate) fn spawn(self) -> Result<JoinHandle<()>> {
        let queue = Arc::clone(&self.queue);
        thread::Builder::new()
            .name("events-log".to_owned())
            .spawn(move || {
                // Whatever ends the thread, nobody may wait for it for ever.
                let _abandon = AbandonOnDrop(queue);
                Appending {
                    writer: self,
                    file: None,
                    buffer: Vec::new(),
                }
                .run();
            })
            .map_err(|error| EventsError::unavailable(&format!("the log's thread did not start: {error}")))
    }
}

struct AbandonOnDrop(Arc<Queue>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

struct Appending {
    writer: Writer,
    /// The file of the state's active segment.
    file: Option<Box<dyn DiskFile>>,
    buffer: Vec<u8>,
}

impl Appending {
    fn run(&mut self) {
        while let Some(work) = self.writer.queue.take() {
            match work {
                Work::Commit(batches) => self.commit(batches),
                Work::Rotate(reply) => {
                    self.close_segment();
                    // Whoever asked may have given up waiting.
                    let _ = reply.send(());
                }
            }
        }
        self.close_segment();
    }

    /// Writes the batches, syncs once, and answers all of them.
    fn commit(&mut self, batches: Vec<Batch>) {
        let outcome = self.write_batches(&batches);
        if let Err(failure) = &outcome {
            error!(error = %failure, "the event log could not be written; its segment is closed");
            self.close_segment();
        }
        for batch in batches {
            let answer = match &outcome {
                Ok(()) => Ok(()),
                Err(failure) if is_storage_full(failure) => Err(EventsError::StorageFull),
                Err(failure) => Err(EventsError::unavailable(&format!(
                    "the event log cannot be written: {failure}"
                ))),
            };
            // A caller that has gone away does not hear that its events are safe.
            let _ = batch.reply.send(answer);
        }
    }

    fn write_batches(&mut self, batches: &[Batch]) -> io::Result<()> {
        let (id, offset) = self.open_segment()?;
        self.buffer.clear();
        for batch in batches {
            self.buffer.extend_from_slice(&batch.frames);
        }
        record::seal_frames(&mut self.buffer, id, offset);
        let file = self.file.as_mut().expect("open_segment has opened the file");
        file.write_all(&self.buffer)?;
        file.sync()?;
        if let Some(active) = &mut self.writer.state.lock().active {
            active.bytes += self.buffer.len() as u64;
        }
        Ok(())
    }

    /// Returns the id and the length of the segment to append to, starting a new one when there is none or it is full.
    fn open_segment(&mut self) -> io::Result<(u64, u64)> {
        let active = self
            .writer
            .state
            .lock()
            .active
            .as_ref()
            .map(|segment| (segment.id, segment.bytes));
        if let Some((id, bytes)) = active {
            if bytes < self.writer.segment_bytes {
                return Ok((id, bytes));
            }
            self.close_segment();
        }
        // An id is used once, even when the segment could not be made.
        let id = {
            let mut files = self.writer.state.lock();
            files.next_segment += 1;
            files.next_segment - 1
        };
        let layout = self.writer.state.layout();
        let path = layout.segment(id);
        let disk = self.writer.disk.as_ref();
        let created = (|| {
            ensure_dir(disk, &layout.log())?;
            let mut file = disk.create(&path)?;
            file.write_all(&segment::header(id))?;
            file.sync()?;
            disk.sync_dir(&layout.log())?;
            Ok(file)
        })();
        match created {
            Ok(file) => self.file = Some(file),
            Err(failure) => {
                // Nothing was acknowledged in it; what cannot be removed now is removed when the log is next opened.
                let _ = disk.remove(&path);
                return Err(failure);
            }
        }
        let bytes = HEADER_BYTES as u64;
        self.writer.state.lock().active = Some(Segment {
            id,
            bytes,
            since: Instant::now(),
        });
        Ok((id, bytes))
    }

    /// Closes the active segment at its acknowledged length.
    ///
    /// After a failed write or sync the operating system may have dropped what was written, and may report the next
    /// sync as done: the segment is never appended to again, and what lies behind the acknowledged bytes is cut off.
    fn close_segment(&mut self) {
        self.file = None;
        let disk = self.writer.disk.as_ref();
        let mut files = self.writer.state.lock();
        let Some(active) = files.active.take() else { return };
        let path = self.writer.state.layout().segment(active.id);
        if active.bytes == HEADER_BYTES as u64 {
            drop(files);
            let _ = disk.remove(&path);
            return;
        }
        let (id, bytes) = (active.id, active.bytes);
        files.closed.push(active);
        drop(files);
        if path.metadata().is_ok_and(|metadata| metadata.len() != bytes) {
            match disk.truncate(&path, bytes) {
                Ok(()) => info!(segment = id, "unacknowledged bytes were cut off the event log"),
                Err(failure) => {
                    error!(segment = id, error = %failure, "unacknowledged bytes stay in the event log");
                }
            }
        }
        // The sealer is gone only while the store shuts down.
        let _ = self
            .writer
            .segment_closed
            .send(crate::seal::Command::SegmentClosed);
    }
}
