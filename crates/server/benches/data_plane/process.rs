//! Servers as processes of their own, and what they cost.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Clock ticks a second in `/proc`: fixed at 100 on Linux for programs.
const TICKS: f64 = 100.0;

/// A server that runs until it is dropped.
pub struct Process {
    child: Child,
    /// Where it listens: `http://127.0.0.1:1234`.
    pub origin: String,
    _folder: TempDir,
}

impl Process {
    /// Liftgate on SQLite and the local event store.
    pub fn liftgate() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_liftgate"));
        command
            .arg("--data-dir")
            .arg(folder.path())
            .args(["serve", "--listen", "127.0.0.1:0", "--open-registration"])
            .env_remove("LIFTGATE_DATABASE_URL")
            .env_remove("DATABASE_URL")
            .env("LIFTGATE_LOG", "warn");
        Self::start(command, folder)
    }

    /// The alternative.
    pub fn hello(bytes: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(super::HELLO).arg(bytes.to_string());
        Self::start(command, tempfile::tempdir().unwrap())
    }

    fn start(mut command: Command, folder: TempDir) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        let mut output = BufReader::new(output);
        output.read_line(&mut line).unwrap();
        // What else it says is read, so that it never waits for us.
        std::thread::spawn(move || output.lines().count());
        let origin = line.trim().trim_end_matches('/').rsplit(' ').next().unwrap();
        Self {
            child,
            origin: origin.to_owned(),
            _folder: folder,
        }
    }

    /// User and system time so far, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&self.child.id().to_string())
    }

    /// Resident memory, in MiB.
    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

/// User and system time of this process so far, in seconds.
pub fn own_cpu_seconds() -> f64 {
    cpu_seconds("self")
}

fn cpu_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name of the program is in brackets and may hold anything; times are the 14th and 15th fields.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
