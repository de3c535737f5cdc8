//! Roles and permissions (contract, admin API, section 0.4).

/// What a member is in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationRole {
    /// May do everything in the organisation.
    Admin,
    /// May do what was granted.
    User,
}

impl OrganisationRole {
    /// The wire and database name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::User => "USER",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Admin, Self::User]
            .into_iter()
            .find(|role| role.as_str() == name)
    }
}

/// Declares the permissions of one level, in the API's order.
macro_rules! permissions {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $key:literal, $description:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* #[doc = $description] $variant,)+
        }

        impl $name {
            /// Every permission of this level, in the order the API lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The key on the wire and in the database.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)+
                }
            }

            /// What it allows, in words.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description,)+
                }
            }

            /// The permission with that key.
            pub fn parse(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|permission| permission.key() == key)
            }
        }
    };
}

permissions! {
    /// What may be granted on an organisation.
    OrganisationPermission {
        CreateProject = "CREATE_PROJECT", "Create projects in the organisation.";
        ManageUserGroups = "MANAGE_USER_GROUPS", "Manage the groups of the organisation and their members.";
    }
}

permissions! {
    /// What may be granted on a project.
    ProjectPermission {
        ViewProject = "VIEW_PROJECT", "See the project and what is in it.";
        CreateEnvironment = "CREATE_ENVIRONMENT", "Create environments in the project.";
        DeleteFeature = "DELETE_FEATURE", "Delete features of the project.";
        CreateFeature = "CREATE_FEATURE", "Create and edit features of the project.";
        ManageSegments = "MANAGE_SEGMENTS", "Create, edit and delete segments of the project.";
        ManageProjectLevelChangeRequests = "MANAGE_PROJECT_LEVEL_CHANGE_REQUESTS", "Publish, edit and delete change requests of the project.";
        ApproveProjectLevelChangeRequests = "APPROVE_PROJECT_LEVEL_CHANGE_REQUESTS", "Approve change requests of the project.";
        CreateProjectLevelChangeRequests = "CREATE_PROJECT_LEVEL_CHANGE_REQUESTS", "Create change requests in the project.";
        ManageTags = "MANAGE_TAGS", "Create, edit and delete tags of the project.";
        ViewAuditLog = "VIEW_AUDIT_LOG", "Read the audit log of the project.";
    }
}

permissions! {
    /// What may be granted on an environment.
    EnvironmentPermission {
        ViewEnvironment = "VIEW_ENVIRONMENT", "See the environment and what is in it.";
        UpdateFeatureState = "UPDATE_FEATURE_STATE", "Change what features do in the environment.";
        ManageIdentities = "MANAGE_IDENTITIES", "Create, edit and delete identities of the environment.";
        CreateChangeRequest = "CREATE_CHANGE_REQUEST", "Create change requests in the environment.";
        ApproveChangeRequest = "APPROVE_CHANGE_REQUEST", "Approve change requests in the environment.";
        ViewIdentities = "VIEW_IDENTITIES", "See the identities of the environment.";
        ManageSegmentOverrides = "MANAGE_SEGMENT_OVERRIDES", "Create, edit and delete segment overrides in the environment.";
    }
}

impl ProjectPermission {
    /// Whether a role may narrow it to features with certain tags.
    pub fn supports_tag(self) -> bool {
        self == Self::DeleteFeature
    }
}

impl EnvironmentPermission {
    /// Whether a role may narrow it to features with certain tags.
    pub fn supports_tag(self) -> bool {
        !matches!(
            self,
            Self::ViewEnvironment | Self::ManageIdentities | Self::ViewIdentities
        )
    }
}
