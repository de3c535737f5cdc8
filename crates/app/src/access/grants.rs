//! What a caller has on a resource.

use liftgate_model::{EnvironmentPermission, OrganisationPermission, ProjectPermission};
use liftgate_store::grants::Grant;

/// What a caller has on an organisation.
#[derive(Debug, Clone, Default)]
pub struct OrganisationGrants {
    /// Whether they belong to it.
    pub is_member: bool,
    /// Whether they administer it.
    pub is_admin: bool,
    /// What else was granted.
    pub permissions: Vec<OrganisationPermission>,
}

/// What a caller has on a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectGrants {
    /// Whether they administer it, or its organisation.
    pub is_admin: bool,
    /// What else was granted.
    pub permissions: Vec<ProjectPermission>,
}

/// What a caller has on an environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentGrants {
    /// Whether they administer it, its project, or its organisation.
    pub is_admin: bool,
    /// What else was granted.
    pub permissions: Vec<EnvironmentPermission>,
}

impl OrganisationGrants {
    /// Whether the permission is there, granted or by administering.
    pub fn has(&self, permission: OrganisationPermission) -> bool {
        self.is_admin || (self.is_member && self.permissions.contains(&permission))
    }
}

impl ProjectGrants {
    /// Whether the permission is there, granted or by administering.
    pub fn has(&self, permission: ProjectPermission) -> bool {
        self.is_admin || self.permissions.contains(&permission)
    }
}

impl EnvironmentGrants {
    /// Whether the permission is there, granted or by administering.
    pub fn has(&self, permission: EnvironmentPermission) -> bool {
        self.is_admin || self.permissions.contains(&permission)
    }
}

/// The known permissions of a grant.
pub(super) fn permissions<P>(grant: &Grant, parse: impl Fn(&str) -> Option<P>) -> Vec<P> {
    grant.permissions.iter().filter_map(|key| parse(key)).collect()
}
