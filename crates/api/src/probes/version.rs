//! What the server tells about itself.

use crate::health::{Accounts, Build};

use super::wire::{PackageVersions, SelfHosted, Version};

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
