//! What a server knows of itself: whether what it needs is there, who has an account, which build it is. The probes tell
//! it.

use async_trait::async_trait;

/// Knows whether what the server needs is there. Answers must be quick, also when something is away.
#[async_trait]
pub trait Health: Send + Sync {
    /// The state of everything that is needed.
    async fn checks(&self) -> Vec<Check>;

    /// Whether anybody has signed up and signed in; `None` when that cannot be told now.
    async fn accounts(&self) -> Option<Accounts>;
}

/// The state of one thing that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name under which monitoring knows it: `DatabaseBackend`, `MigrationsHealthCheck`.
    pub name: &'static str,
    /// What is wrong, without internals.
    pub fault: Option<String>,
}

/// What `GET /version/` tells of this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The version: `1.2.3`.
    pub version: String,
    /// The commit it was built from.
    pub commit: String,
    /// The tag of the container image.
    pub image_tag: String,
    /// Whether the server can send mail.
    pub has_email_provider: bool,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: "unknown".to_owned(),
            image_tag: "unknown".to_owned(),
            has_email_provider: false,
        }
    }
}

/// Whether anybody has signed up and signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    /// Somebody has an account.
    pub has_users: bool,
    /// Somebody has signed in.
    pub has_logins: bool,
}
