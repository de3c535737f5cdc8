//! The bodies of the probes.

use serde::Serialize;
use utoipa::ToSchema;

/// The body of `GET /version/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Version {
    /// The commit it was built from.
    pub ci_commit_sha: String,
    /// The tag of the container image.
    pub image_tag: String,
    /// Whether the server can send mail.
    pub has_email_provider: bool,
    /// Whether experiments are available: always.
    pub experimentation_enabled: bool,
    /// Whether the endpoints of the closed edition are there: never.
    pub is_enterprise: bool,
    /// Whether this is the vendor's service: never.
    pub is_saas: bool,
    /// Whether anybody has signed up and signed in; null when that cannot be told now.
    pub self_hosted_data: Option<SelfHosted>,
    /// The version, under the key `.`.
    pub package_versions: PackageVersions,
}

/// Whether anybody has signed up and signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SelfHosted {
    /// Somebody has an account; until then the dashboard offers to make the first.
    pub has_users: bool,
    /// Somebody has signed in.
    pub has_logins: bool,
}

/// Versions by package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackageVersions {
    /// The version of Liftgate. Clients read the key `.`.
    #[serde(rename = ".")]
    #[schema(example = "1.2.3")]
    pub liftgate: String,
}

/// The body of `GET /health/liveness/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Liveness {
    /// Always `ok`.
    pub status: &'static str,
}
