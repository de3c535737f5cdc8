//! What the operator configures: read once, here, from options and the environment.

use clap::Args;
use liftgate_delivery::KeyRate;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Where the data is, and how the server behaves.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where everything is kept: the database, the events, the key secrets are encrypted under.
    #[arg(long, env = "LIFTGATE_DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,

    /// The database: `postgres://user:password@host/name`, or `sqlite:///path`. Default: SQLite in the data directory.
    #[arg(long, env = "LIFTGATE_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,

    /// The key secrets are encrypted under: 64 hexadecimal digits. Default: a file in the data directory, made when
    /// missing.
    #[arg(
        long,
        env = "LIFTGATE_SECRET_KEY",
        hide_env_values = true,
        hide = true,
        global = true
    )]
    pub secret_key: Option<String>,
}

/// How the server answers.
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// The address to listen at.
    #[arg(long, env = "LIFTGATE_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// Whether anybody may register. Otherwise the first user may, then those who were invited.
    #[arg(long, env = "LIFTGATE_OPEN_REGISTRATION", value_parser = clap::builder::BoolishValueParser::new(), default_value = "false", num_args = 0..=1, default_missing_value = "true")]
    pub open_registration: bool,

    /// Seconds between two runs of a running experiment's computations.
    #[arg(long, env = "LIFTGATE_RESULTS_INTERVAL_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(5..))]
    pub results_interval_seconds: u32,

    /// Whether warehouses may be at internal and private addresses.
    #[arg(long, env = "LIFTGATE_ALLOW_INTERNAL_WAREHOUSES", value_parser = clap::builder::BoolishValueParser::new(), default_value = "false", num_args = 0..=1, default_missing_value = "true")]
    pub allow_internal_warehouses: bool,

    /// Whether identities outside of an experiment's cohort are told the variant `control`, as the reference server does.
    /// Otherwise they have none, so that no SDK counts them.
    #[arg(long, env = "LIFTGATE_SERVE_CONTROL_OUTSIDE_ROLLOUT", value_parser = clap::builder::BoolishValueParser::new(), default_value = "false", num_args = 0..=1, default_missing_value = "true")]
    pub serve_control_outside_rollout: bool,

    /// What becomes of changes to a flag on which an experiment runs: made, made with a warning in the answer and in the
    /// audit log, or refused. Overrides of single identities are always made.
    #[arg(long, env = "LIFTGATE_EXPERIMENT_LOCK", value_enum, default_value_t = ExperimentLock::Warn)]
    pub experiment_lock: ExperimentLock,

    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count: addresses or blocks, separated by commas.
    #[arg(long, env = "LIFTGATE_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<liftgate_api::client::Block>,

    /// Connections served at the same time; further ones wait.
    #[arg(long, env = "LIFTGATE_MAX_CONNECTIONS", default_value_t = 20_000)]
    pub max_connections: usize,

    /// Streams of notices open at the same time; further ones are refused. Each is a connection too.
    #[arg(long, env = "LIFTGATE_MAX_STREAMS", default_value_t = 16_000)]
    pub max_streams: usize,

    /// Requests of SDKs with one environment key in a second; further ones are refused until there is room again. 0 is
    /// any number. Requests with keys that no environment has are counted together. Each node counts by itself.
    #[arg(long, env = "LIFTGATE_KEY_RATE", default_value_t = 0)]
    pub key_rate: u32,

    /// Requests with one environment key at once, after a pause; 0 is as many as in a second.
    #[arg(long, env = "LIFTGATE_KEY_BURST", default_value_t = 0)]
    pub key_burst: u32,

    /// How logs are written.
    #[arg(long, env = "LIFTGATE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// What becomes of changes to a flag on which an experiment runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExperimentLock {
    /// They are made.
    Off,
    /// They are made; the answer and the audit log say so.
    Warn,
    /// They are refused.
    Enforce,
}

impl From<ExperimentLock> for liftgate_app::flags::ExperimentLock {
    fn from(lock: ExperimentLock) -> Self {
        match lock {
            ExperimentLock::Off => Self::Off,
            ExperimentLock::Warn => Self::Warn,
            ExperimentLock::Enforce => Self::Enforce,
        }
    }
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Variables of the reference server that are accepted for ours: ours, theirs.
const ALIASES: &[(&str, &str)] = &[
    ("LIFTGATE_DATABASE_URL", "DATABASE_URL"),
    ("LIFTGATE_OPEN_REGISTRATION", "ALLOW_REGISTRATION_WITHOUT_INVITE"),
];

/// The arguments of the command line with the reference server's variables put in where ours are not set: options that
/// neither the command line nor our variable gives.
pub fn aliases() -> Vec<(&'static str, String)> {
    ALIASES
        .iter()
        .filter(|(ours, _)| std::env::var_os(ours).is_none())
        .filter_map(|(ours, theirs)| std::env::var(theirs).ok().map(|value| (*ours, value)))
        .collect()
}

impl Config {
    /// The URL of the database.
    pub fn database_url(&self) -> String {
        let alias = || {
            aliases()
                .into_iter()
                .find(|(ours, _)| *ours == "LIFTGATE_DATABASE_URL")
        };
        match self
            .database_url
            .clone()
            .or_else(|| alias().map(|(_, value)| value))
        {
            Some(url) => url.replacen("postgresql://", "postgres://", 1),
            None => format!("sqlite://{}", self.data_dir.join("liftgate.db").display()),
        }
    }
}

impl ServeConfig {
    /// How often an environment key may be used; `None` is any number of times.
    pub fn key_rate(&self) -> Option<KeyRate> {
        let per_second = NonZeroU32::new(self.key_rate)?;
        Some(KeyRate {
            per_second,
            burst: NonZeroU32::new(self.key_burst).unwrap_or(per_second),
        })
    }

    /// Whether anybody may register, by our variable or the reference's.
    pub fn is_registration_open(&self) -> bool {
        let alias = aliases()
            .into_iter()
            .find(|(ours, _)| *ours == "LIFTGATE_OPEN_REGISTRATION");
        self.open_registration
            || alias.is_some_and(|(_, value)| {
                matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "on")
            })
    }
}
