//! `liftgate analyze`.

use super::{read_input, say};
use anyhow::Context as _;
use clap::Args;
use std::path::PathBuf;

/// Computes statistics.
#[derive(Debug, Args)]
pub struct Analyze {
    /// The file with the document of cases; `-` is standard input.
    #[arg(long)]
    input: PathBuf,
}

impl Analyze {
    /// Prints an output for every case; a bad case has a status that says so and stops none of the others.
    pub fn run(&self) -> anyhow::Result<()> {
        let document = read_input(&self.input)?;
        let outputs = liftgate_stats::cases::answer(&document)
            .with_context(|| format!("analysing {}", self.input.display()))?;
        say(serde_json::to_string_pretty(&outputs)?);
        Ok(())
    }
}
