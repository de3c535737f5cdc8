//! `liftgate admin`.

use super::say;
use crate::config::Config;
use crate::node::open_app;
use anyhow::bail;
use clap::{Args, Subcommand};
use liftgate_app::accounts;
use liftgate_model::Secret;
use std::io::BufRead as _;

/// Administers accounts.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Makes an account; the password is read from standard input.
    CreateUser(CreateUser),
}

/// An account to make.
#[derive(Debug, Args)]
pub struct CreateUser {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// Given name.
    #[arg(long, default_value = "")]
    first_name: String,
    /// Family name.
    #[arg(long, default_value = "")]
    last_name: String,
    /// The organisation to administer; made when there is none of that name.
    #[arg(long)]
    organisation: Option<String>,
    /// Whether the account administers the server.
    #[arg(long)]
    superuser: bool,
    /// The password; without it, the first line of standard input is.
    #[arg(long, env = "LIFTGATE_ADMIN_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl Admin {
    /// Runs the command.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::CreateUser(user) => user.run(config).await,
        }
    }
}

impl CreateUser {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        let password = match self.password {
            Some(password) => password,
            None => {
                let mut line = String::new();
                std::io::stdin().lock().read_line(&mut line)?;
                line.trim_end_matches(['\r', '\n']).to_owned()
            }
        };
        let app = open_app(config).await?;
        let new = accounts::NewUser {
            email: self.email,
            password: Secret::new(password),
            first_name: self.first_name,
            last_name: self.last_name,
            superuser: self.superuser,
            organisation: self.organisation,
        };
        match accounts::create_user(&app, new).await {
            Ok(user) => {
                say(format_args!("Created {} (id {}).", user.email, user.id));
                Ok(())
            }
            Err(liftgate_app::Error::Invalid(liftgate_app::Invalid::Fields(fields))) => {
                bail!("refused: {}", serde_json::Value::Object(fields))
            }
            Err(error) => Err(error.into()),
        }
    }
}
