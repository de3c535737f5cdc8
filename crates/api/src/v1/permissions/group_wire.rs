//! The bodies of permissions of groups.

use liftgate_app::group_permissions::{GroupGrantChange, GroupGrantView, NewGroupGrant};
use liftgate_model::GroupId;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::keys;
use crate::form::{Form, Parse, Patch};

/// A group with the ids of who is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupWithIds {
    id: i32,
    name: String,
    users: Vec<i32>,
    is_default: bool,
    external_id: Option<String>,
}

impl From<&GroupGrantView> for GroupWithIds {
    fn from(grant: &GroupGrantView) -> Self {
        Self {
            id: grant.group.id.0,
            name: grant.group.name.clone(),
            users: grant.members.iter().map(|user| user.0).collect(),
            is_default: grant.group.is_default,
            external_id: grant.group.external_id.clone(),
        }
    }
}

/// What one group is granted, in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedGroupGrant {
    id: i32,
    permissions: Vec<String>,
    admin: bool,
    group: GroupWithIds,
}

/// What one group is granted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupGrant)]
pub struct GroupGrantBody {
    id: i32,
    permissions: Vec<String>,
    admin: bool,
    group: i32,
}

/// What one group is granted on an organisation, where the role says who is an admin.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationGroupGrant {
    id: i32,
    group: i32,
    permissions: Vec<String>,
}

/// The same in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedOrganisationGroupGrant {
    id: i32,
    group: GroupWithIds,
    permissions: Vec<String>,
}

impl From<GroupGrantView> for ListedGroupGrant {
    fn from(grant: GroupGrantView) -> Self {
        Self {
            id: grant.id,
            group: (&grant).into(),
            admin: grant.is_admin,
            permissions: grant.permissions,
        }
    }
}

impl From<GroupGrantView> for GroupGrantBody {
    fn from(grant: GroupGrantView) -> Self {
        Self {
            id: grant.id,
            permissions: grant.permissions,
            admin: grant.is_admin,
            group: grant.group.id.0,
        }
    }
}

impl From<GroupGrantView> for OrganisationGroupGrant {
    fn from(grant: GroupGrantView) -> Self {
        Self {
            id: grant.id,
            group: grant.group.id.0,
            permissions: grant.permissions,
        }
    }
}

impl From<GroupGrantView> for ListedOrganisationGroupGrant {
    fn from(grant: GroupGrantView) -> Self {
        Self {
            id: grant.id,
            group: (&grant).into(),
            permissions: grant.permissions,
        }
    }
}

/// What a group shall be granted.
#[derive(ToSchema)]
pub struct GroupGrantInput {
    #[schema(value_type = i32)]
    group: Patch<GroupId>,
    permissions: Vec<String>,
    #[schema(value_type = Option<bool>)]
    admin: Patch<bool>,
}

impl Parse for GroupGrantInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let permissions = keys(form);
        let admin = form.boolean("admin").change();
        let group = form.id("group").change_required();
        Some(Self {
            group: group?,
            permissions: permissions?,
            admin: admin?,
        })
    }
}

impl From<GroupGrantInput> for GroupGrantChange {
    fn from(input: GroupGrantInput) -> Self {
        Self {
            group: input.group.value(),
            is_admin: input.admin.value(),
            permissions: input.permissions,
        }
    }
}

/// A new grant: the same, and the group must be named.
pub struct NewGroupGrantInput(pub NewGroupGrant);

impl Parse for NewGroupGrantInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let input = GroupGrantInput::parse(form)?;
        Some(Self(NewGroupGrant {
            group: input.group.value()?,
            is_admin: input.admin.value().unwrap_or(false),
            permissions: input.permissions,
        }))
    }
}
