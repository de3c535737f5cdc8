//! `liftgate event`.

use crate::config::Config;
use crate::node::events_dir;
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use liftgate_events::{EmbeddedReader, EventReader as _, ExportFilter, ExportFormat, QueryOptions};
use liftgate_model::Timestamp;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Works with stored events.
#[derive(Debug, Subcommand)]
pub enum EventCommand {
    /// Writes stored events, each once; also while the server is down.
    Export(Export),
}

/// Which events, and how.
#[derive(Debug, Args)]
pub struct Export {
    /// The file to write; `-` is standard output.
    #[arg(long, default_value = "-")]
    output: PathBuf,
    /// How events are written.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Only events of the environment with this client-side key.
    #[arg(long)]
    environment: Option<String>,
    /// Only events of this name.
    #[arg(long)]
    event: Option<String>,
    /// Only events from this time on: `2026-11-22` or `2026-11-22T10:00:00Z`.
    #[arg(long)]
    from: Option<String>,
    /// Only events before this time.
    #[arg(long)]
    until: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object a line.
    Jsonl,
    /// One Parquet file.
    Parquet,
}

impl EventCommand {
    /// Runs the command.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Export(export) => export.run(config).await,
        }
    }
}

impl Export {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let store = EmbeddedReader::open(&events_dir(&config.data_dir), QueryOptions::default())?;
        let filter = ExportFilter {
            environment_key: self.environment,
            event: self.event,
            from_ms: self.from.as_deref().map(millis).transpose()?,
            until_ms: self.until.as_deref().map(millis).transpose()?,
        };
        let format = match self.format {
            Format::Jsonl => ExportFormat::JsonLines,
            Format::Parquet => ExportFormat::Parquet,
        };
        let writer: Box<dyn Write + Send> = if self.output.as_os_str() == "-" {
            Box::new(std::io::stdout())
        } else {
            let path = &self.output;
            let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
            Box::new(BufWriter::new(file))
        };
        let count = store.export(filter, format, writer).await?;
        tracing::info!(events = count, "event.exported");
        Ok(())
    }
}

fn millis(text: &str) -> anyhow::Result<i64> {
    match Timestamp::parse(text) {
        Some(time) => Ok(time.as_millis()),
        None => bail!("{text:?} is no time; write 2026-11-22 or 2026-11-22T10:00:00Z"),
    }
}
