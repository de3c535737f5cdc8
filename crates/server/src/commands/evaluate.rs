//! `liftgate evaluate`.

use super::{read_input, say};
use anyhow::Context as _;
use clap::Args;
use liftgate_engine::EvaluationContext;
use std::path::PathBuf;

/// Evaluates a context.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The file with the evaluation context; `-` is standard input.
    #[arg(long)]
    context: PathBuf,

    /// Also says of each flag why it is what it is: the overrides, rules and conditions that were looked at, and where
    /// splits put the identity.
    #[arg(long)]
    trace: bool,
}

impl Evaluate {
    /// Prints the result.
    pub fn run(&self) -> anyhow::Result<()> {
        let text = read_input(&self.context)?;
        let context: EvaluationContext =
            serde_json::from_slice(&text).context("reading the evaluation context")?;
        say(if self.trace {
            serde_json::to_string_pretty(&liftgate_engine::evaluate_traced(&context))?
        } else {
            serde_json::to_string_pretty(&liftgate_engine::evaluate(&context))?
        });
        Ok(())
    }
}
