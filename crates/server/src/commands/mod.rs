//! One file a command.

pub mod admin;
pub mod bootstrap;
pub mod demo;
pub mod doctor;
pub mod evaluate;
pub mod event;
pub mod migrate;
pub mod serve;

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints a line for the person at the terminal; one that cannot be printed (a closed pipe) is let go.
fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
