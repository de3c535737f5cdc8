//! The writing side of the file system, behind a trait so that tests can make it fail.
//!
//! Everything that must survive a crash goes through [`Disk`]. Reading does not: a read that fails loses nothing.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The operations by which the store changes the file system.
///
/// A change is durable only after the matching sync: bytes after [`DiskFile::sync`], the creation, renaming and
/// removal of names after [`Disk::sync_dir`] of the directory that holds them.
pub trait Disk: fmt::Debug + Send + Sync + 'static {
    /// Creates a file that must not exist and opens it for appending.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Cuts a file to `len` bytes and makes the new length durable.
    fn truncate(&self, path: &Path, len: u64) -> io::Result<()>;
    /// Renames a file, replacing what has the new name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory whose parent exists.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// A file being appended to.
pub trait DiskFile: Write + Send {
    /// Makes everything written so far durable, length included.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system of the operating system.
#[derive(Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        Ok(Box::new(RealFile(file)))
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(len)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

struct RealFile(File);

impl Write for RealFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for RealFile {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Creates a directory and its missing ancestors durably.
pub(crate) fn ensure_dir(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new("/"));
    ensure_dir(disk, parent)?;
    match disk.create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    disk.sync_dir(parent)
}

/// Replaces a file so that a crash leaves either the old content or the new: temporary file, sync, rename, sync of
/// the directory. The temporary file has the extension `tmp`.
pub(crate) fn replace_file(disk: &dyn Disk, path: &Path, content: &[u8]) -> Result<(), ReplaceError> {
    let temporary = path.with_extension("tmp");
    let written = (|| {
        match disk.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = disk.create(&temporary)?;
        file.write_all(content)?;
        file.sync()
    })();
    written.map_err(|source| ReplaceError {
        source,
        may_have_happened: false,
    })?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    disk.rename(&temporary, path)
        .and_then(|()| disk.sync_dir(directory))
        .map_err(|source| ReplaceError {
            source,
            may_have_happened: true,
        })
}

/// Why a file was not replaced for certain.
#[derive(Debug)]
pub(crate) struct ReplaceError {
    /// The operating system's answer.
    pub source: io::Error,
    /// Whether a crash from here on may show the new content.
    pub may_have_happened: bool,
}
