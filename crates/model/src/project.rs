//! Projects and their tags.

use crate::{OrganisationId, ProjectId, TagId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A project: features and segments shared by its environments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Project {
    /// Id.
    pub id: ProjectId,
    /// Public id.
    pub uuid: Uuid,
    /// Name, unique in the organisation.
    pub name: String,
    /// The owner.
    pub organisation: OrganisationId,
    /// Whether disabled flags are left out of SDK answers, unless an environment says otherwise.
    pub hide_disabled_flags: bool,
    /// Whether new feature states ignore the feature's default.
    pub prevent_flag_defaults: bool,
    /// Whether realtime messages are sent.
    pub enable_realtime_updates: bool,
    /// A hint to user interfaces.
    pub only_allow_lower_case_feature_names: bool,
    /// What feature names must match, as a whole.
    pub feature_name_regex: Option<String>,
    /// Days without a change after which a flag counts as stale.
    pub stale_flags_limit_days: i32,
    /// Approvals a project change request needs; none = change requests off.
    pub minimum_change_request_approvals: Option<i32>,
    /// Whether a feature needs an owner.
    pub enforce_feature_owners: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A label for features.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Id.
    pub id: TagId,
    /// Public id.
    pub uuid: Uuid,
    /// The project.
    pub project: ProjectId,
    /// Text.
    pub label: String,
    /// Colour, `#rrggbb`.
    pub color: String,
    /// More text.
    pub description: Option<String>,
    /// Features so tagged never count as stale.
    pub is_permanent: bool,
}
