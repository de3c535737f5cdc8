//! `liftgate experiment`.

mod breakdowns;
mod tables;

use super::say;
use crate::config::Config;
use crate::node::open_app;
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use liftgate_api::form::{Form, Mode};
use liftgate_api::v1::experiments::analysis::{AnalysisBody, AnalysisChange};
use liftgate_app::{Error, Invalid, experiments};
use liftgate_model::ExperimentId;
use serde_json::{Value, json};

/// Works with experiments.
#[derive(Debug, Subcommand)]
pub enum ExperimentCommand {
    /// Prints how the results of an experiment are judged, as JSON; changes it before.
    Analysis(Analysis),
    /// Prints the results day by day: the effect as of each day's end, each day by itself, and whether the days drift.
    Series(breakdowns::Series),
    /// Prints the results by dimension: the effect in each level, and whether levels differ; changes the dimensions before.
    Dimensions(breakdowns::Dimensions),
}

/// How the results of an experiment are judged.
#[derive(Debug, Args)]
pub struct Analysis {
    /// The client key of the environment.
    #[arg(long)]
    environment: String,
    /// The experiment's id.
    #[arg(long)]
    experiment: i32,
    /// What to change, as a JSON object with the fields that are printed; what is left out stays.
    #[arg(long, value_name = "JSON")]
    set: Option<String>,
}

impl ExperimentCommand {
    /// Runs the command.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Analysis(analysis) => analysis.run(config).await,
            Self::Series(series) => series.run(config).await,
            Self::Dimensions(dimensions) => dimensions.run(config).await,
        }
    }
}

impl Analysis {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let set: Value = match &self.set {
            Some(text) => serde_json::from_str(text).context("--set is not JSON")?,
            None => json!({}),
        };
        let change: AnalysisChange = match Form::read(&set, Mode::Patch) {
            Ok(change) => change,
            Err(refused) => bail!("refused: {}", refused.into_value()),
        };
        let app = open_app(config).await?;
        let id = ExperimentId(self.experiment);
        let settings =
            experiments::settings_of_operator(&app, &self.environment, id, |settings| change.apply(settings))
                .await;
        match settings {
            Ok(settings) => {
                say(serde_json::to_string_pretty(&AnalysisBody::from(settings))?);
                Ok(())
            }
            Err(Error::Invalid(Invalid::Fields(fields))) => bail!("refused: {}", Value::Object(fields)),
            Err(Error::NotFound(_)) => bail!("there is no such experiment in that environment"),
            Err(error) => Err(error.into()),
        }
    }
}
