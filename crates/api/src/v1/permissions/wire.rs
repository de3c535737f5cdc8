//! The bodies of permissions.

use liftgate_app::permissions::{GrantChange, NewGrant, UserGrant};
use liftgate_model::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::path::PathName;
use crate::form::{Form, Parse, Patch, rule};
use crate::v1::users::wire::UserSummary;

/// Most permissions in a body; there are fewer.
const PERMISSIONS: usize = 100;

/// Something that may be granted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Permission)]
pub struct PermissionBody {
    /// Its name.
    #[schema(example = "VIEW_PROJECT")]
    pub key: &'static str,
    /// What it allows.
    pub description: &'static str,
    /// Whether a role may narrow it to features with certain tags.
    pub supports_tag: bool,
}

/// What somebody has on a resource. Who administers it has everything, listed or not.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyPermissions {
    permissions: Vec<&'static str>,
    admin: bool,
    /// Always empty.
    tag_based_permissions: Vec<String>,
}

impl MyPermissions {
    /// What a master key is told that asks on a project or an environment.
    pub const NOT_FOR_KEYS: &str = "This endpoint can only be used with a user and not Master API Key";

    /// Of an admin, or with these permissions.
    pub fn new(admin: bool, permissions: impl Iterator<Item = &'static str>) -> Self {
        Self {
            permissions: permissions.collect(),
            admin,
            tag_based_permissions: Vec::new(),
        }
    }
}

/// What one user is granted, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedGrant {
    id: i32,
    permissions: Vec<String>,
    admin: bool,
    user: UserSummary,
}

/// What one user is granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantBody {
    id: i32,
    permissions: Vec<String>,
    admin: bool,
    user: i32,
}

/// What one user is granted on an organisation, where the role says who is an admin.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationGrant {
    id: i32,
    user: i32,
    permissions: Vec<String>,
}

/// The same in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedOrganisationGrant {
    id: i32,
    user: UserSummary,
    permissions: Vec<String>,
}

impl From<&UserGrant> for ListedGrant {
    fn from(grant: &UserGrant) -> Self {
        Self {
            id: grant.id,
            permissions: grant.permissions.clone(),
            admin: grant.is_admin,
            user: (&grant.user).into(),
        }
    }
}

impl From<UserGrant> for GrantBody {
    fn from(grant: UserGrant) -> Self {
        Self {
            id: grant.id,
            permissions: grant.permissions,
            admin: grant.is_admin,
            user: grant.user.id.0,
        }
    }
}

/// What a user shall be granted.
#[derive(ToSchema)]
pub struct GrantInput {
    #[schema(value_type = i32)]
    user: Patch<UserId>,
    permissions: Vec<String>,
    #[schema(value_type = Option<bool>)]
    admin: Patch<bool>,
}

/// The permission keys of a body, each once; none when they are left out.
pub(super) fn keys(form: &mut Form<'_>) -> Option<Vec<String>> {
    let given = form
        .list("permissions", rule::Text::default())
        .max_items(PERMISSIONS)
        .or(Vec::new())?;
    let mut once: Vec<String> = Vec::new();
    for key in given {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    Some(once)
}

impl Parse for GrantInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let permissions = keys(form);
        let admin = form.boolean("admin").change();
        let user = form.id("user").change_required();
        Some(Self {
            user: user?,
            permissions: permissions?,
            admin: admin?,
        })
    }
}

impl From<GrantInput> for GrantChange {
    fn from(input: GrantInput) -> Self {
        Self {
            user: input.user.value(),
            is_admin: input.admin.value(),
            permissions: input.permissions,
        }
    }
}

/// A new grant: the same, and the user must be named.
pub struct NewGrantInput(pub NewGrant);

impl Parse for NewGrantInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let input = GrantInput::parse(form)?;
        Some(Self(NewGrant {
            user: input.user.value()?,
            is_admin: input.admin.value().unwrap_or(false),
            permissions: input.permissions,
        }))
    }
}

impl From<&UserGrant> for ListedOrganisationGrant {
    fn from(grant: &UserGrant) -> Self {
        Self {
            id: grant.id,
            user: (&grant.user).into(),
            permissions: grant.permissions.clone(),
        }
    }
}

impl From<UserGrant> for OrganisationGrant {
    fn from(grant: UserGrant) -> Self {
        Self {
            id: grant.id,
            user: grant.user.id.0,
            permissions: grant.permissions,
        }
    }
}

/// The id of a grant, as paths name it.
#[derive(Debug, Clone, Copy)]
pub struct GrantId(pub i32);

impl From<i32> for GrantId {
    fn from(id: i32) -> Self {
        Self(id)
    }
}

impl PathName for GrantId {
    const NAME: &'static str = "grant_id";
    const MODEL: &'static str = "UserPermission";
}
