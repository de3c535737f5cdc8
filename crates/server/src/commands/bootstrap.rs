//! `liftgate bootstrap`.

use super::say;
use crate::config::Config;
use crate::node::open_app;
use anyhow::{Context as _, bail};
use clap::Args;
use liftgate_app::bootstrap::{self, Administrator, Environment, Plan, Project};
use liftgate_model::Secret;
use serde::Deserialize;
use std::path::PathBuf;

/// Makes what is missing; what is there stays as it is, so it may run at every start.
#[derive(Debug, Args)]
pub struct Bootstrap {
    /// A TOML file with the plan. Without one, the variables below are the plan.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_FILE")]
    file: Option<PathBuf>,
    /// The organisation.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_ORGANISATION")]
    organisation: Option<String>,
    /// Its administrator's address.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_ADMIN_EMAIL")]
    admin_email: Option<String>,
    /// The administrator's password; only used when the account is made.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: Option<String>,
    /// The project.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_PROJECT")]
    project: Option<String>,
    /// The environments, separated by commas.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_ENVIRONMENTS", value_delimiter = ',')]
    environments: Vec<String>,
    /// The client-side key of the first environment; without one it is random.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_CLIENT_KEY")]
    client_key: Option<String>,
    /// A server-side key (`ser.…`) of the first environment.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_SERVER_KEY", hide_env_values = true)]
    server_key: Option<String>,
    /// An organisation-wide key, `<8 characters>.<secret of 32 or more>`.
    #[arg(long, env = "LIFTGATE_BOOTSTRAP_MASTER_KEY", hide_env_values = true)]
    master_key: Option<String>,
}

/// The plan as a file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    organisation: String,
    admin: Option<AdminFile>,
    master_key: Option<String>,
    #[serde(default)]
    projects: Vec<ProjectFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdminFile {
    email: String,
    password: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectFile {
    name: String,
    #[serde(default)]
    environments: Vec<EnvironmentFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentFile {
    name: String,
    client_key: Option<String>,
    #[serde(default)]
    server_keys: Vec<String>,
    #[serde(default)]
    versioned: bool,
}

impl Bootstrap {
    /// Carries the plan out and says what was made.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let plan = self.plan()?;
        let app = open_app(config).await?;
        let made = match bootstrap::carry_out(&app, plan).await {
            Err(liftgate_app::Error::Invalid(liftgate_app::Invalid::Fields(fields))) => {
                bail!("refused: {}", serde_json::Value::Object(fields))
            }
            other => other?,
        };
        if made.is_empty() {
            say("Everything is there already.");
        }
        for line in made {
            say(line);
        }
        Ok(())
    }

    fn plan(self) -> anyhow::Result<Plan> {
        if let Some(path) = &self.file {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            let file: PlanFile =
                toml::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
            return Ok(file.into());
        }
        let Some(organisation) = self.organisation else {
            bail!("nothing to do: pass --file, or --organisation and what belongs to it");
        };
        let admin = match (self.admin_email, self.admin_password) {
            (Some(email), Some(password)) => Some(Administrator {
                email,
                password: Secret::new(password),
            }),
            (None, None) => None,
            _ => bail!("an administrator needs an address and a password"),
        };
        let (mut client_key, mut server_key) = (self.client_key, self.server_key);
        let environments: Vec<Environment> = self
            .environments
            .into_iter()
            .map(|name| Environment {
                name,
                client_key: client_key.take(),
                server_keys: server_key.take().map(Secret::new).into_iter().collect(),
                versioned: false,
            })
            .collect();
        let projects = match self.project {
            Some(name) => vec![Project { name, environments }],
            None if environments.is_empty() => Vec::new(),
            None => bail!("environments need a project"),
        };
        Ok(Plan {
            organisation,
            admin,
            master_key: self.master_key.map(Secret::new),
            projects,
        })
    }
}

impl From<PlanFile> for Plan {
    fn from(file: PlanFile) -> Self {
        let environment = |environment: EnvironmentFile| Environment {
            name: environment.name,
            client_key: environment.client_key,
            server_keys: environment.server_keys.into_iter().map(Secret::new).collect(),
            versioned: environment.versioned,
        };
        let project = |project: ProjectFile| Project {
            name: project.name,
            environments: project.environments.into_iter().map(environment).collect(),
        };
        Self {
            organisation: file.organisation,
            admin: file.admin.map(|admin| Administrator {
                email: admin.email,
                password: Secret::new(admin.password),
            }),
            master_key: file.master_key.map(Secret::new),
            projects: file.projects.into_iter().map(project).collect(),
        }
    }
}
