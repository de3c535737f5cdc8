//! One file a command.

pub mod admin;
pub mod analyze;
pub mod bootstrap;
pub mod demo;
pub mod doctor;
pub mod evaluate;
pub mod event;
pub mod experiment;
pub mod migrate;
pub mod power;
pub mod serve;
pub mod simulate;

use anyhow::Context as _;
use std::fmt::Display;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Prints a line for the person at the terminal; one that cannot be printed (a closed pipe) is let go.
fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// The content of a file; `-` is standard input.
fn read_input(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut content = Vec::new();
        io::stdin()
            .read_to_end(&mut content)
            .context("reading standard input")?;
        return Ok(content);
    }
    std::fs::read(path).with_context(|| format!("reading {}", path.display()))
}
