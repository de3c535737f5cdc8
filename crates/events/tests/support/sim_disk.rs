//! A disk that fails when told to, and that can show what a crash of the machine would leave.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use liftgate_events::{Disk, DiskFile, RealDisk};

/// What of the changes that were not synced a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Nothing: unsynced bytes, and names in unsynced directories, are lost.
    LosesUnsynced,
    /// Everything that was written, as after kill -9.
    KeepsUnsynced,
    /// Names are kept, and half of the unsynced bytes of each file.
    TearsFiles,
}

/// An operation that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Write,
    Sync,
    Rename,
    Remove,
    SyncDir,
}

#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Operations so far.
    steps: u64,
    syncs: u64,
    /// The operation that is cut off by a crash; none after it succeeds.
    crash_at: Option<u64>,
    /// Operations that are to fail, each with how many of its kind succeed before.
    failures: Vec<(Operation, u64, io::ErrorKind)>,
    held: bool,
    /// The synced length of every file that was written to.
    synced: HashMap<PathBuf, u64>,
    /// Changes of names that are not synced, with the directory and how to undo them.
    unsynced_names: Vec<(PathBuf, Undo)>,
    backups: Option<tempfile::TempDir>,
    next_backup: u64,
}

#[derive(Debug)]
enum Undo {
    Create(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
        replaced: Option<PathBuf>,
    },
    Remove {
        path: PathBuf,
        backup: PathBuf,
    },
}

impl SimDisk {
    /// Cuts off operation number `step`, counted from 0, and everything after it.
    pub fn crash_at(&self, step: u64) {
        self.state(|state| state.crash_at = Some(step));
    }

    pub fn has_crashed(&self) -> bool {
        self.state(|state| state.crash_at.is_some_and(|at| state.steps > at))
    }

    /// Makes the next operation of this kind fail.
    pub fn fail_next(&self, operation: Operation, kind: io::ErrorKind) {
        self.fail_nth(operation, 0, kind);
    }

    /// Makes an operation of this kind fail after `successes` others of it.
    pub fn fail_nth(&self, operation: Operation, successes: u64, kind: io::ErrorKind) {
        self.state(|state| state.failures.push((operation, successes, kind)));
    }

    pub fn forget_failures(&self) {
        self.state(|state| state.failures.clear());
    }

    pub fn syncs(&self) -> u64 {
        self.state(|state| state.syncs)
    }

    /// Makes every sync wait until [`SimDisk::release`].
    pub fn hold(&self) {
        self.state(|state| state.held = true);
    }

    pub fn release(&self) {
        self.state(|state| state.held = false);
        self.shared.released.notify_all();
    }

    /// Brings the directory into the state that a crash leaves. Nothing may have it open.
    pub fn show_crash(&self, crash: Crash) {
        self.state(|state| {
            for (path, &synced) in &state.synced {
                let Ok(metadata) = fs::metadata(path) else {
                    continue;
                };
                let kept = match crash {
                    Crash::LosesUnsynced => synced,
                    Crash::KeepsUnsynced => continue,
                    Crash::TearsFiles => synced + metadata.len().saturating_sub(synced) / 2,
                };
                OpenOptions::new()
                    .write(true)
                    .open(path)
                    .unwrap()
                    .set_len(kept.min(metadata.len()))
                    .unwrap();
            }
            if crash != Crash::LosesUnsynced {
                return;
            }
            while let Some((_, undo)) = state.unsynced_names.pop() {
                match undo {
                    Undo::Create(path) if path.is_dir() => fs::remove_dir_all(path).unwrap(),
                    Undo::Create(path) => fs::remove_file(path).unwrap(),
                    Undo::Rename { from, to, replaced } => {
                        fs::rename(&to, from).unwrap();
                        if let Some(replaced) = replaced {
                            fs::hard_link(replaced, to).unwrap();
                        }
                    }
                    Undo::Remove { path, backup } => fs::hard_link(backup, path).unwrap(),
                }
            }
        });
    }

    fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.shared.state.lock().unwrap())
    }
}

impl State {
    fn step(&mut self, operation: Operation) -> io::Result<()> {
        let step = self.steps;
        self.steps += 1;
        if self.crash_at.is_some_and(|at| step >= at) {
            return Err(io::Error::other("the machine has crashed"));
        }
        match self.failures.iter().position(|failure| failure.0 == operation) {
            Some(at) if self.failures[at].1 == 0 => Err(self.failures.remove(at).2.into()),
            Some(at) => {
                self.failures[at].1 -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn backup(&mut self, path: &Path) -> io::Result<PathBuf> {
        if self.backups.is_none() {
            self.backups = Some(tempfile::tempdir()?);
        }
        self.next_backup += 1;
        let backup = self
            .backups
            .as_ref()
            .unwrap()
            .path()
            .join(self.next_backup.to_string());
        fs::hard_link(path, &backup)?;
        Ok(backup)
    }

    fn changed_name(&mut self, path: &Path, undo: Undo) {
        self.unsynced_names
            .push((path.parent().unwrap().to_owned(), undo));
    }
}

impl Disk for SimDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.state(|state| {
            state.step(Operation::Create)?;
            let file = RealDisk.create(path)?;
            state.synced.insert(path.to_owned(), 0);
            state.changed_name(path, Undo::Create(path.to_owned()));
            let file: Box<dyn DiskFile> = Box::new(SimFile {
                disk: self.clone(),
                path: path.to_owned(),
                file,
            });
            Ok(file)
        })
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        self.state(|state| {
            state.step(Operation::Write)?;
            RealDisk.truncate(path, len)?;
            state.synced.insert(path.to_owned(), len);
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.state(|state| {
            state.step(Operation::Rename)?;
            let replaced = if to.exists() {
                Some(state.backup(to)?)
            } else {
                None
            };
            RealDisk.rename(from, to)?;
            let synced = state.synced.remove(from).unwrap_or(u64::MAX);
            state.synced.insert(to.to_owned(), synced);
            state.changed_name(
                to,
                Undo::Rename {
                    from: from.to_owned(),
                    to: to.to_owned(),
                    replaced,
                },
            );
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state(|state| {
            state.step(Operation::Remove)?;
            let backup = state.backup(path)?;
            RealDisk.remove(path)?;
            state.synced.remove(path);
            state.changed_name(
                path,
                Undo::Remove {
                    path: path.to_owned(),
                    backup,
                },
            );
            Ok(())
        })
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.state(|state| {
            state.step(Operation::Create)?;
            RealDisk.create_dir(path)?;
            state.changed_name(path, Undo::Create(path.to_owned()));
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.state(|state| {
            state.step(Operation::SyncDir)?;
            RealDisk.sync_dir(path)?;
            state.unsynced_names.retain(|(directory, _)| directory != path);
            Ok(())
        })
    }
}

struct SimFile {
    disk: SimDisk,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl Write for SimFile {
    /// A write that fails leaves half of its bytes in the file.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let allowed = self.disk.state(|state| state.step(Operation::Write));
        if let Err(error) = allowed {
            if !self
                .disk
                .state(|state| state.crash_at.is_some_and(|at| state.steps > at + 1))
            {
                self.file.write_all(&bytes[..bytes.len() / 2])?;
            }
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.shared.state.lock().unwrap();
        while state.held {
            state = self.disk.shared.released.wait(state).unwrap();
        }
        state.step(Operation::Sync)?;
        state.syncs += 1;
        self.file.sync()?;
        // The file may have been renamed meanwhile; only the name under which it is synced matters.
        let length = fs::metadata(&self.path)?.len();
        state.synced.insert(self.path.clone(), length);
        Ok(())
    }
}
