//! The command line.

use crate::commands::{
    admin, analyze, bootstrap, demo, doctor, evaluate, event, experiment, migrate, power, serve, simulate,
};
use crate::config::{Config, LogFormat, ServeConfig};
use crate::logging;
use clap::{Parser, Subcommand};

/// Feature flags, remote configuration and experiments on your own machine.
#[derive(Debug, Parser)]
#[command(name = "liftgate", version, about)]
pub struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the server.
    Serve(ServeConfig),
    /// Brings the database's schema up to date and ends; `serve` does so by itself.
    Migrate,
    /// Administers accounts.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Makes an organisation, a project, environments and keys unless they are there.
    Bootstrap(bootstrap::Bootstrap),
    /// Works with experiments.
    #[command(subcommand)]
    Experiment(experiment::ExperimentCommand),
    /// Works with stored events.
    #[command(subcommand)]
    Event(event::EventCommand),
    /// Examines configuration, database and events; ends with an error when something is damaged.
    Doctor,
    /// Evaluates an evaluation context and prints the result, both in the published JSON schema.
    Evaluate(evaluate::Evaluate),
    /// Computes statistics from a document of cases: `{"method": M, "cases": [{"id", "input"}]}` in, outputs out.
    Analyze(analyze::Analyze),
    /// Plans an experiment: sample size, detectable effect, days to run.
    Power(power::Power),
    /// Simulates A/A and A/B tests of a design and prints error rates, coverage and power.
    Simulate(simulate::Simulate),
    /// Builds a demonstration project on a running server and drives an experiment through its public API.
    Demo(demo::Demo),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever stops it, with what it was doing.
    pub fn run(self) -> anyhow::Result<()> {
        let format = match &self.command {
            Command::Serve(serve) => serve.log_format,
            _ => LogFormat::Text,
        };
        logging::start(format);
        // What only computes needs no runtime.
        match &self.command {
            Command::Evaluate(command) => return command.run(),
            Command::Analyze(command) => return command.run(),
            Command::Power(command) => return command.run(),
            Command::Simulate(command) => return command.run(),
            _ => {}
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.command {
                Command::Serve(command) => serve::run(&self.config, &command).await,
                Command::Migrate => migrate::run(&self.config).await,
                Command::Admin(command) => command.run(&self.config).await,
                Command::Bootstrap(command) => command.run(&self.config).await,
                Command::Event(command) => command.run(&self.config).await,
                Command::Experiment(command) => command.run(&self.config).await,
                Command::Doctor => doctor::run(&self.config).await,
                Command::Demo(command) => command.run().await,
                Command::Evaluate(command) => command.run(),
                Command::Analyze(command) => command.run(),
                Command::Power(command) => command.run(),
                Command::Simulate(command) => command.run(),
            }
        })
    }
}
