//! A data directory, and the binary on it.

use liftgate_testkit::Client;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A data directory that goes with the test.
pub struct Data(TempDir);

/// A server on a data directory, until it is dropped.
pub struct Server {
    child: Child,
    pub origin: String,
}

impl Data {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder can be made"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The binary with arguments, without the variables of whoever runs the test.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liftgate"));
        for (name, _) in std::env::vars() {
            if name.starts_with("LIFTGATE_") || name == "DATABASE_URL" {
                command.env_remove(name);
            }
        }
        command
            .env("LIFTGATE_LOG", "error")
            .arg("--data-dir")
            .arg(self.path())
            .args(arguments);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[], "")
    }

    /// Runs a command with variables and something on standard input.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // A command that reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("the binary ends")
    }

    /// What a command that succeeds prints.
    #[track_caller]
    pub fn succeed(&self, arguments: &[&str]) -> String {
        text_of(&self.run(arguments))
    }

    /// Starts a server.
    pub fn serve(&self) -> Server {
        let mut child = self
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("the output is a pipe"));
        output.read_line(&mut line).expect("the server says where it is");
        // What else it says is read, so that it never waits for us.
        std::thread::spawn(move || output.lines().count());
        let origin = line.trim().trim_end_matches('/').rsplit(' ').next();
        Server {
            child,
            origin: origin.expect("the line ends with the address").to_owned(),
        }
    }
}

impl Server {
    pub fn client(&self) -> Client {
        Client::new(&self.origin)
    }

    /// Kills it, as a loss of power would.
    pub fn kill(mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server is gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Standard output of a command that succeeded.
#[track_caller]
pub fn text_of(output: &Output) -> String {
    assert!(output.status.success(), "{}", errors_of(output));
    String::from_utf8(output.stdout.clone()).expect("the output is text")
}

/// Standard error.
pub fn errors_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
