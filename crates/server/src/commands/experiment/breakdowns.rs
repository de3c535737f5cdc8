//! The results of an experiment day by day and by dimension, for the terminal.

use super::tables::{dimension_lines, series_lines};
use crate::commands::say;
use crate::config::Config;
use crate::node::open_app;
use anyhow::{Context as _, bail};
use clap::Args;
use liftgate_api::form::{Form, Mode};
use liftgate_api::v1::experiments::breakdowns::DimensionsChange;
use liftgate_app::{App, Error, Invalid, experiments};
use liftgate_model::ExperimentId;
use liftgate_model::breakdown::BreakdownKind;
use serde_json::{Value, json};

/// The results day by day.
#[derive(Debug, Args)]
pub struct Series {
    /// The client key of the environment.
    #[arg(long)]
    environment: String,
    /// The experiment's id.
    #[arg(long)]
    experiment: i32,
}

/// The results by dimension.
#[derive(Debug, Args)]
pub struct Dimensions {
    /// The client key of the environment.
    #[arg(long)]
    environment: String,
    /// The experiment's id.
    #[arg(long)]
    experiment: i32,
    /// The new dimensions, as a JSON list of names; the next run of the results is broken down by them.
    #[arg(long, value_name = "JSON")]
    set: Option<String>,
}

impl Series {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let app = open_app(config).await?;
        let id = ExperimentId(self.experiment);
        show(&app, &self.environment, id, BreakdownKind::Series, series_lines).await
    }
}

impl Dimensions {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let set: Value = match &self.set {
            Some(text) => {
                let names: Value = serde_json::from_str(text).context("--set is not JSON")?;
                json!({"dimensions": names})
            }
            None => json!({}),
        };
        let change: DimensionsChange = match Form::read(&set, Mode::Patch) {
            Ok(change) => change,
            Err(refused) => bail!("refused: {}", refused.into_value()),
        };
        let app = open_app(config).await?;
        let id = ExperimentId(self.experiment);
        let names = experiments::dimensions_of_operator(&app, &self.environment, id, change.names()).await;
        let names = understandable(names)?;
        say(format_args!("Dimensions: {}", serde_json::to_string(&names)?));
        show(
            &app,
            &self.environment,
            id,
            BreakdownKind::Dimensions,
            dimension_lines,
        )
        .await
    }
}

async fn show(
    app: &App,
    environment: &str,
    id: ExperimentId,
    kind: BreakdownKind,
    lines: impl FnOnce(&Value) -> Vec<String>,
) -> anyhow::Result<()> {
    let found = understandable(experiments::breakdown_of_operator(app, environment, id, kind).await)?;
    let Some(found) = found else {
        say("Nothing was computed yet.");
        return Ok(());
    };
    say(format_args!("As of {}", found.as_of.to_iso()));
    for line in lines(&found.payload) {
        say(line);
    }
    Ok(())
}

/// What the operator can do something about, in words.
fn understandable<T>(outcome: Result<T, Error>) -> anyhow::Result<T> {
    match outcome {
        Ok(value) => Ok(value),
        Err(Error::Invalid(Invalid::Fields(fields))) => bail!("refused: {}", Value::Object(fields)),
        Err(Error::Conflict { detail, .. }) => bail!("refused: {detail}"),
        Err(Error::NotFound(_)) => bail!("there is no such experiment in that environment"),
        Err(error) => Err(error.into()),
    }
}
