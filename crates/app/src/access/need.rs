//! What a caller needs to have on a resource, as types: the parameter of a proof of access.

use super::grants::{EnvironmentGrants, OrganisationGrants, ProjectGrants};
use liftgate_model::{EnvironmentPermission, OrganisationPermission, ProjectPermission};

/// A requirement on an organisation.
pub trait OrganisationNeed: Send + Sync + 'static {
    /// The rule in words, for the API's documentation.
    const WHO: &'static str;
    /// Whether what the caller has is enough.
    fn is_met(grants: &OrganisationGrants) -> bool;
}

/// A requirement on a project.
pub trait ProjectNeed: Send + Sync + 'static {
    /// The rule in words, for the API's documentation.
    const WHO: &'static str;
    /// Whether what the caller has is enough.
    fn is_met(grants: &ProjectGrants) -> bool;
}

/// A requirement on an environment.
pub trait EnvironmentNeed: Send + Sync + 'static {
    /// The rule in words, for the API's documentation.
    const WHO: &'static str;
    /// Whether what the caller has is enough.
    fn is_met(grants: &EnvironmentGrants) -> bool;
}

/// Belongs to the organisation.
#[derive(Debug, Clone, Copy)]
pub struct Member;

impl OrganisationNeed for Member {
    const WHO: &'static str = "member of the organisation";
    fn is_met(grants: &OrganisationGrants) -> bool {
        grants.is_member
    }
}

/// Administers the resource, or a wider one.
#[derive(Debug, Clone, Copy)]
pub struct Admin;

impl OrganisationNeed for Admin {
    const WHO: &'static str = "organisation admin";
    fn is_met(grants: &OrganisationGrants) -> bool {
        grants.is_admin
    }
}

impl ProjectNeed for Admin {
    const WHO: &'static str = "project admin";
    fn is_met(grants: &ProjectGrants) -> bool {
        grants.is_admin
    }
}

impl EnvironmentNeed for Admin {
    const WHO: &'static str = "environment admin";
    fn is_met(grants: &EnvironmentGrants) -> bool {
        grants.is_admin
    }
}

/// Declares needs met by one permission, or by administering the resource.
macro_rules! permission_needs {
    ($trait:ident, $grants:ident, $permissions:ident: $($name:ident = $who:literal),+ $(,)?) => {$(
        #[doc = concat!("Has ", $who, " or administers the resource.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl $trait for $name {
            const WHO: &'static str = $who;
            fn is_met(grants: &$grants) -> bool {
                grants.has($permissions::$name)
            }
        }
    )+};
}

permission_needs!(OrganisationNeed, OrganisationGrants, OrganisationPermission:
    CreateProject = "CREATE_PROJECT",
    ManageUserGroups = "MANAGE_USER_GROUPS",
);

permission_needs!(ProjectNeed, ProjectGrants, ProjectPermission:
    ViewProject = "VIEW_PROJECT",
    CreateEnvironment = "CREATE_ENVIRONMENT",
    DeleteFeature = "DELETE_FEATURE",
    CreateFeature = "CREATE_FEATURE",
    ManageSegments = "MANAGE_SEGMENTS",
    ManageTags = "MANAGE_TAGS",
    ViewAuditLog = "VIEW_AUDIT_LOG",
);

permission_needs!(EnvironmentNeed, EnvironmentGrants, EnvironmentPermission:
    ViewEnvironment = "VIEW_ENVIRONMENT",
    UpdateFeatureState = "UPDATE_FEATURE_STATE",
    ManageIdentities = "MANAGE_IDENTITIES",
    ViewIdentities = "VIEW_IDENTITIES",
    ManageSegmentOverrides = "MANAGE_SEGMENT_OVERRIDES",
);

/// Has VIEW_PROJECT or MANAGE_SEGMENTS, or administers the project.
#[derive(Debug, Clone, Copy)]
pub struct ViewSegments;

impl ProjectNeed for ViewSegments {
    const WHO: &'static str = "VIEW_PROJECT or MANAGE_SEGMENTS";
    fn is_met(grants: &ProjectGrants) -> bool {
        grants.has(ProjectPermission::ViewProject) || grants.has(ProjectPermission::ManageSegments)
    }
}

/// Has VIEW_ENVIRONMENT, UPDATE_FEATURE_STATE or MANAGE_SEGMENT_OVERRIDES, or administers the environment.
#[derive(Debug, Clone, Copy)]
pub struct ReadFlags;

impl EnvironmentNeed for ReadFlags {
    const WHO: &'static str = "VIEW_ENVIRONMENT, UPDATE_FEATURE_STATE or MANAGE_SEGMENT_OVERRIDES";
    fn is_met(grants: &EnvironmentGrants) -> bool {
        grants.has(EnvironmentPermission::ViewEnvironment) || WriteFlags::is_met(grants)
    }
}

/// Has UPDATE_FEATURE_STATE or MANAGE_SEGMENT_OVERRIDES, or administers the environment.
#[derive(Debug, Clone, Copy)]
pub struct WriteFlags;

impl EnvironmentNeed for WriteFlags {
    const WHO: &'static str = "UPDATE_FEATURE_STATE for the default, MANAGE_SEGMENT_OVERRIDES for overrides";
    fn is_met(grants: &EnvironmentGrants) -> bool {
        grants.has(EnvironmentPermission::UpdateFeatureState)
            || grants.has(EnvironmentPermission::ManageSegmentOverrides)
    }
}

/// Has VIEW_ENVIRONMENT and VIEW_IDENTITIES, or administers the environment.
#[derive(Debug, Clone, Copy)]
pub struct TraceIdentities;

impl EnvironmentNeed for TraceIdentities {
    const WHO: &'static str = "VIEW_ENVIRONMENT and VIEW_IDENTITIES";
    fn is_met(grants: &EnvironmentGrants) -> bool {
        grants.has(EnvironmentPermission::ViewEnvironment)
            && grants.has(EnvironmentPermission::ViewIdentities)
    }
}
