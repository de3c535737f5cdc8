//! What can go wrong in the event log and the event store.

use std::io;
use std::path::{Path, PathBuf};

/// The result of an operation on events.
pub type Result<T, E = EventsError> = std::result::Result<T, E>;

/// An error of the event log or the event store, named by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventsError {
    /// The store cannot take or answer this now; the same request may succeed later.
    #[error("the event store is unavailable: {reason}")]
    Unavailable {
        /// What is exhausted or has failed.
        reason: String,
    },
    /// The disk, or the quota on it, is full. Nothing of the request was acknowledged.
    #[error("the disk of the event store is full")]
    StorageFull,
    /// The request itself breaks a limit; sending it again cannot succeed.
    #[error("{what} is over the limit of {limit}")]
    LimitExceeded {
        /// The thing that is too large.
        what: &'static str,
        /// The limit, in the unit named by `what`.
        limit: u64,
    },
    /// The event cannot be stored; sending it again cannot succeed.
    #[error("the event cannot be stored: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// Another process writes to this directory.
    #[error("another process writes to the event store in {}", path.display())]
    Locked {
        /// The directory of the store.
        path: PathBuf,
    },
    /// A file does not hold what it should.
    #[error("{} is damaged: {reason}", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused an operation on a file.
    #[error("{operation} {}", path.display())]
    Io {
        /// What was tried, in the present participle.
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's answer.
        #[source]
        source: io::Error,
    },
    /// A defect of the store itself.
    #[error("internal error of the event store: {reason}")]
    Internal {
        /// What happened.
        reason: String,
    },
}

impl EventsError {
    /// Wraps an I/O error, telling a full disk from everything else.
    pub(crate) fn io(operation: &'static str, path: &Path, source: io::Error) -> Self {
        if is_storage_full(&source) {
            return Self::StorageFull;
        }
        Self::Io {
            operation,
            path: path.to_owned(),
            source,
        }
    }

    /// Reports a file that does not hold what it should.
    pub(crate) fn corrupt(path: &Path, reason: &(impl ToString + ?Sized)) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Reports that the store cannot serve now.
    pub(crate) fn unavailable(reason: &(impl ToString + ?Sized)) -> Self {
        Self::Unavailable {
            reason: reason.to_string(),
        }
    }

    /// Whether a file was gone when it was opened: it was replaced after the list of files was taken.
    pub(crate) fn is_vanished_file(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Whether the operating system says that no space is left.
pub(crate) fn is_storage_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
