//! Environments, their keys and their settings.

use crate::{EnvironmentId, EnvironmentKeyId, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An environment: where a project's flags have their values.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Environment {
    /// Id.
    pub id: EnvironmentId,
    /// Public id.
    pub uuid: Uuid,
    /// Name, unique in the project.
    pub name: String,
    /// The client-side key, public, and the environment's name in URLs.
    pub api_key: String,
    /// Free text.
    pub description: Option<String>,
    /// The project.
    pub project: ProjectId,
    /// Approvals a change request needs; none = change requests off.
    pub minimum_change_request_approvals: Option<i32>,
    /// Whether client-side keys may write traits.
    pub allow_client_traits: bool,
    /// A banner for user interfaces.
    pub banner_text: Option<String>,
    /// The banner's colour.
    pub banner_colour: Option<String>,
    /// Whether disabled flags are left out of SDK answers; none = as the project says.
    pub hide_disabled_flags: Option<bool>,
    /// Whether SDK answers null what may be sensitive.
    pub hide_sensitive_data: bool,
    /// Stored for compatibility; assignment always hashes `<api_key>_<identifier>`.
    pub use_identity_composite_key_for_hashing: bool,
    /// Whether flags are versioned.
    pub use_v2_feature_versioning: bool,
    /// Whether the environment document carries identity overrides.
    pub use_identity_overrides_in_local_eval: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the answers it serves last changed; the `updated_at` of the environment document.
    pub updated_at: Timestamp,
    /// Counts every change of the answers it serves.
    pub revision: i64,
}

/// A server-side key of an environment, `ser.…`.
#[derive(Debug, Clone)]
pub struct EnvironmentKey {
    /// Id.
    pub id: EnvironmentKeyId,
    /// The environment.
    pub environment: EnvironmentId,
    /// The key; shown in full, as the contract does.
    pub key: String,
    /// Name.
    pub name: String,
    /// Inactive keys are refused.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is accepted.
    pub expires_at: Option<Timestamp>,
}
