//! `liftgate demo`: a demonstration project, and an experiment driven through the public HTTP API as SDKs would.

mod api;
mod crowd;
mod report;
mod scene;

use anyhow::Context as _;
use api::Api;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Builds the demonstration.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the server is.
    #[arg(long, env = "LIFTGATE_URL", default_value = "http://127.0.0.1:8000")]
    url: String,
    /// A session token; without it, the account below signs in, or signs up when nobody has an account yet.
    #[arg(long, env = "LIFTGATE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The address of the account.
    #[arg(long, default_value = "demo@liftgate.example")]
    email: String,
    /// The password of the account.
    #[arg(
        long,
        env = "LIFTGATE_DEMO_PASSWORD",
        default_value = "demonstration only 1",
        hide_env_values = true
    )]
    password: String,
    /// How many identities visit.
    #[arg(long, default_value_t = 6_000, value_parser = clap::value_parser!(u32).range(200..=1_000_000))]
    identities: u32,
    /// The seed of the crowd: the same seed, the same visitors.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
}

/// How often the results are asked for, and how many times.
const PATIENCE: (Duration, u32) = (Duration::from_millis(500), 120);

impl Demo {
    /// Builds the project, drives the experiment, prints the results.
    pub async fn run(self) -> anyhow::Result<()> {
        let mut api = Api::new(&self.url);
        api.sign_in(self.token.as_deref(), &self.email, &self.password)
            .await?;
        let scene = scene::build(&api)
            .await
            .context("building the demonstration project")?;
        let bar = ProgressBar::new(u64::from(self.identities)).with_style(ProgressStyle::with_template(
            "{msg:20} [{bar:40}] {pos}/{len} {per_sec} {eta}",
        )?);
        bar.set_message("visitors");
        crowd::visit(&api, &scene, self.identities, self.seed, &bar)
            .await
            .context("sending the visitors")?;
        bar.finish();
        let results = scene::measure(&api, &scene, PATIENCE)
            .await
            .context("computing the results")?;
        report::print(&self.url, &scene, &results);
        Ok(())
    }
}
