//! `liftgate evaluate`.

use super::say;
use anyhow::Context as _;
use clap::Args;
use liftgate_engine::EvaluationContext;
use std::io::Read as _;
use std::path::PathBuf;

/// Evaluates a context.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The file with the evaluation context; `-` is standard input.
    #[arg(long)]
    context: PathBuf,
}

impl Evaluate {
    /// Prints the result.
    pub fn run(&self) -> anyhow::Result<()> {
        let text = if self.context.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("reading standard input")?;
            text
        } else {
            std::fs::read_to_string(&self.context)
                .with_context(|| format!("reading {}", self.context.display()))?
        };
        let context: EvaluationContext =
            serde_json::from_str(&text).context("reading the evaluation context")?;
        say(serde_json::to_string_pretty(&liftgate_engine::evaluate(
            &context,
        ))?);
        Ok(())
    }
}
