//! Copies of what is served, on disk: what a node goes on with when it starts and its source is away.
//!
//! One file an environment, named by its id. A file is written beside its place, synced, and put there, so it is the old
//! one or the new one, whatever happens; what is there is proved by a checksum nevertheless. Only the owner of the process
//! can read the files: they hold flag values and identifiers, and of server-side keys the digests.

mod format;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use liftgate_model::EnvironmentId;

use crate::data::EnvironmentData;

/// The most bytes a copy may have, to be read: far more than an environment at its limits.
const COPY_BYTES: u64 = 1024 * 1024 * 1024;

/// How the name of a copy ends, after the id.
const ENDING: &str = ".copy";

/// How the name of a copy ends that is not complete.
const UNFINISHED: &str = ".unfinished";

/// The directory with the copies. Its functions block.
#[derive(Debug, Clone)]
pub struct Copies {
    directory: PathBuf,
}

/// Why a copy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CopyFault {
    /// The disk does not give it.
    #[error("it cannot be read")]
    Unreadable(#[from] io::Error),
    /// It is larger than any copy.
    #[error("it has {0} bytes, which no copy has")]
    TooLarge(u64),
    /// It is something else, or a copy by another version of the program.
    #[error("it is no copy in the format of this version")]
    Foreign,
    /// It is not as it was written.
    #[error("its checksum is wrong")]
    Torn,
    /// It is sound, and is no environment.
    #[error("its content is no environment")]
    Unknown(#[source] serde_json::Error),
    /// It is a copy of another environment than its name says.
    #[error("it is a copy of environment {0}")]
    Misnamed(EnvironmentId),
}

impl Copies {
    /// The copies in a directory, which is made when it is missing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(directory: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
        Ok(Self { directory })
    }

    /// The environments of which there is a file, sound or not, ascending. Other files are passed over.
    ///
    /// # Errors
    /// What the disk says.
    pub fn list(&self) -> io::Result<Vec<EnvironmentId>> {
        let mut ids = Vec::new();
        for entry in std::fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(ENDING));
            if let Some(id) = id.and_then(|id| id.parse().ok()).map(EnvironmentId)
                && self.path(id).file_name() == Some(&name)
            {
                ids.push(id);
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// When the copy of an environment was written.
    ///
    /// # Errors
    /// What the disk says.
    pub fn written_at(&self, id: EnvironmentId) -> io::Result<SystemTime> {
        std::fs::metadata(self.path(id))?.modified()
    }

    /// Reads the copy of an environment.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(&self, id: EnvironmentId) -> Result<EnvironmentData, CopyFault> {
        let file = File::open(self.path(id))?;
        let size = file.metadata()?.len();
        if size > COPY_BYTES {
            return Err(CopyFault::TooLarge(size));
        }
        let mut bytes = Vec::new();
        file.take(COPY_BYTES).read_to_end(&mut bytes)?;
        let data = format::decode(&bytes)?;
        if data.environment.id == id {
            Ok(data)
        } else {
            Err(CopyFault::Misnamed(data.environment.id))
        }
    }

    /// Writes a copy in place of any before it. When this returns, it is on disk.
    ///
    /// # Errors
    /// What the disk says; the copy before it stays.
    pub fn write(&self, data: &EnvironmentData) -> io::Result<()> {
        let path = self.path(data.environment.id);
        let unfinished = unfinished(&path);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(&format::encode(data))?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        self.sync()
    }

    /// Removes the copy of an environment, if there is one.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self, id: EnvironmentId) -> io::Result<()> {
        let path = self.path(id);
        for path in [unfinished(&path), path] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.sync()
    }

    /// Where the copy of an environment is.
    pub fn path(&self, id: EnvironmentId) -> PathBuf {
        self.directory.join(format!("{id}{ENDING}"))
    }

    /// Makes the names in the directory last.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}
