//! Starts the command line.

use clap::Parser as _;
use liftgate::cli::Cli;
use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[expect(
    clippy::print_stderr,
    reason = "the one place that tells the terminal why a command failed"
)]
fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("liftgate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
