//! What the server tells about itself.

use super::wire::{PackageVersions, SelfHosted, Version};

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

impl Version {
    pub(super) fn new(build: &Build, accounts: Option<Accounts>) -> Self {
        Self {
            ci_commit_sha: build.commit.clone(),
            image_tag: build.image_tag.clone(),
            has_email_provider: build.has_email_provider,
            experimentation_enabled: true,
            is_enterprise: false,
            is_saas: false,
            self_hosted_data: accounts.map(
                |Accounts {
                     has_users,
                     has_logins,
                 }| SelfHosted {
                    has_users,
                    has_logins,
                },
            ),
            package_versions: PackageVersions {
                liftgate: build.version.clone(),
            },
        }
    }
}
