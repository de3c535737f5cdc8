//! Programs that drive a published client: a plan goes in, what the client saw comes out, a line of JSON at a time.

use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long a program may take for a line, and to end.
const PATIENCE: Duration = Duration::from_mins(2);

/// A program that can be started.
pub struct Program(Command);

/// A program that runs.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// A script of `e2e/python`; `None`, with a word why, where its packages are not installed.
    pub fn python(script: &str) -> Option<Self> {
        let Ok(python) = std::env::var("LIFTGATE_PYTHON") else {
            println!("skipped: LIFTGATE_PYTHON names no Python with the published clients (make test does)");
            return None;
        };
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../e2e/python");
        let mut command = Command::new(python);
        command.arg(folder.join(script));
        Some(Self(command))
    }

    /// A script of `e2e/node`; `None`, with a word why, where its packages are not installed.
    pub fn node(script: &str) -> Option<Self> {
        let Ok(folder) = std::env::var("LIFTGATE_NODE") else {
            println!("skipped: LIFTGATE_NODE names no folder with the npm packages (make test does)");
            return None;
        };
        let mut command = Command::new("node");
        command.arg(script).current_dir(folder);
        Some(Self(command))
    }

    /// Starts the program with the plan on its standard input.
    pub async fn start(mut self, plan: &Value) -> Running {
        let mut child = self
            .0
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("the input is a pipe");
        stdin
            .write_all(plan.to_string().as_bytes())
            .await
            .expect("the plan is read");
        drop(stdin);
        let stdout = child.stdout.take().expect("the output is a pipe");
        Running {
            child,
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// Runs the program to its end; answers the only line.
    pub async fn run(self, plan: &Value) -> Value {
        let mut running = self.start(plan).await;
        let seen = running.line().await;
        running.end().await;
        seen
    }
}

impl Running {
    /// What the program saw next.
    pub async fn line(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line
            .expect("the client is done in time")
            .expect("the output is text");
        let line = line.expect("the program ends after its last line, not before");
        serde_json::from_str(&line).expect("the program prints what it saw")
    }

    /// Waits for the program to end well.
    pub async fn end(mut self) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status
            .expect("the client ends in time")
            .expect("the program ends");
        assert!(status.success(), "the client ended with {status}");
    }
}
