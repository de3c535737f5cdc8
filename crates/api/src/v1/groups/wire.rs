//! The bodies of groups.

use liftgate_app::groups::{GroupChange, GroupView};
use liftgate_model::account::{Group, GroupMember};
use liftgate_model::{Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Form, Parse, Patch, rule};

/// Longest name, in characters.
const NAME_CHARACTERS: usize = 200;
/// Longest name elsewhere, in characters.
const EXTERNAL_ID_CHARACTERS: usize = 255;
/// Most people in one request.
const PEOPLE: usize = 1_000;

/// A group with who is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupBody {
    id: i32,
    #[schema(example = "Web")]
    name: String,
    users: Vec<GroupMemberBody>,
    /// Whether new members who are no admins come into it.
    is_default: bool,
    /// What it is called elsewhere.
    external_id: Option<String>,
}

impl From<GroupView> for GroupBody {
    fn from(view: GroupView) -> Self {
        Self {
            id: view.group.id.0,
            name: view.group.name,
            users: view.members.into_iter().map(Into::into).collect(),
            is_default: view.group.is_default,
            external_id: view.group.external_id,
        }
    }
}

/// Somebody in a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupMember)]
pub struct GroupMemberBody {
    id: i32,
    email: String,
    first_name: String,
    last_name: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_login: Option<Timestamp>,
    /// Whether they may change who is in the group.
    group_admin: bool,
}

impl From<GroupMember> for GroupMemberBody {
    fn from(member: GroupMember) -> Self {
        Self {
            id: member.user.id.0,
            email: member.user.email,
            first_name: member.user.first_name,
            last_name: member.user.last_name,
            last_login: member.user.last_login,
            group_admin: member.is_admin,
        }
    }
}

/// A group, as others name it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupSummary {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(example = "Web")]
    pub name: String,
}

impl From<Group> for GroupSummary {
    fn from(group: Group) -> Self {
        Self {
            id: group.id.0,
            name: group.name,
        }
    }
}

/// A group as it is written. Who is in it is not changed this way.
#[derive(Debug, ToSchema)]
#[schema(as = GroupInput)]
pub struct GroupInput {
    #[schema(value_type = String)]
    name: Patch<String>,
    #[schema(value_type = Option<bool>)]
    is_default: Patch<bool>,
    #[schema(value_type = Option<String>)]
    external_id: Patch<String>,
}

impl Parse for GroupInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).change_required();
        let is_default = form.boolean("is_default").change();
        let external_id = form
            .text("external_id")
            .blank()
            .max(EXTERNAL_ID_CHARACTERS)
            .nullable()
            .change();
        Some(Self {
            name: name?,
            is_default: is_default?,
            external_id: external_id?,
        })
    }
}

impl From<GroupInput> for GroupChange {
    fn from(input: GroupInput) -> Self {
        Self {
            name: input.name.value(),
            is_default: input.is_default.value(),
            external_id: input.external_id.change(),
        }
    }
}

/// People to be taken in or out.
#[derive(Debug, ToSchema)]
#[schema(as = GroupUserIds)]
pub struct People {
    /// Their ids.
    user_ids: Vec<i32>,
}

impl Parse for People {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let user_ids = form
            .list("user_ids", rule::Integer::default())
            .max_items(PEOPLE)
            .required();
        Some(Self { user_ids: user_ids? })
    }
}

impl People {
    /// Their ids.
    pub(super) fn ids(self) -> Vec<UserId> {
        self.user_ids.into_iter().map(UserId).collect()
    }
}
