//! The bodies of invitations. The contract has three of them.

use liftgate_app::organisations::{InviteView, NewInvite};
use liftgate_model::account::Invite;
use liftgate_model::{GroupId, OrganisationRole, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Form, Parse, rule};
use crate::v1::users::wire::MemberBody;

/// Most invitations at once.
const AT_ONCE: usize = 100;

fn group_ids(groups: &[GroupId]) -> Vec<i32> {
    groups.iter().map(|group| group.0).collect()
}

/// A new invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invite)]
pub struct InviteBody {
    id: i32,
    email: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    date_created: Timestamp,
    /// The groups the new member comes into.
    permission_groups: Vec<i32>,
}

impl From<Invite> for InviteBody {
    fn from(invite: Invite) -> Self {
        Self {
            id: invite.id.0,
            email: invite.email,
            role: invite.role.as_str(),
            date_created: invite.created_at,
            permission_groups: group_ids(&invite.groups),
        }
    }
}

/// An invitation in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedInvite {
    id: i32,
    email: String,
    #[schema(value_type = String, format = DateTime)]
    date_created: Timestamp,
    invited_by: Option<MemberBody>,
    /// The groups the new member comes into.
    permission_groups: Vec<i32>,
}

impl From<InviteView> for ListedInvite {
    fn from(view: InviteView) -> Self {
        Self {
            id: view.invite.id.0,
            email: view.invite.email,
            date_created: view.invite.created_at,
            invited_by: view.invited_by.as_ref().map(Into::into),
            permission_groups: group_ids(&view.invite.groups),
        }
    }
}

/// An invitation with the secret of its link.
#[derive(Debug, Serialize, ToSchema)]
pub struct InviteLink {
    id: i32,
    email: String,
    role: &'static str,
    /// The secret; it works for that address only.
    hash: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<InviteView> for InviteLink {
    fn from(view: InviteView) -> Self {
        Self {
            id: view.invite.id.0,
            email: view.invite.email,
            role: view.invite.role.as_str(),
            hash: view.invite.hash,
            created_at: view.invite.created_at,
        }
    }
}

/// A new invitation of several.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedBody {
    id: i32,
    email: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    date_created: Timestamp,
    invited_by: Option<Inviter>,
    /// The groups the new member comes into.
    permission_groups: Vec<i32>,
}

/// Who invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inviter {
    id: i32,
    email: String,
    first_name: String,
    last_name: String,
}

impl From<InviteView> for InvitedBody {
    fn from(view: InviteView) -> Self {
        let inviter = view.invited_by.map(|member| Inviter {
            id: member.user.id.0,
            email: member.user.email,
            first_name: member.user.first_name,
            last_name: member.user.last_name,
        });
        Self {
            id: view.invite.id.0,
            email: view.invite.email,
            role: view.invite.role.as_str(),
            date_created: view.invite.created_at,
            invited_by: inviter,
            permission_groups: group_ids(&view.invite.groups),
        }
    }
}

/// An address to be invited.
#[derive(Debug, ToSchema)]
#[schema(as = NewInvite)]
pub struct InviteInput {
    #[schema(example = "ada@example.com")]
    email: String,
    /// `ADMIN` or `USER`, which is the default.
    #[schema(value_type = Option<String>)]
    role: OrganisationRole,
    /// Ids of groups the new member comes into.
    #[schema(value_type = Option<Vec<i32>>)]
    permission_groups: Vec<GroupId>,
}

impl Parse for InviteInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let email = form.email("email").required();
        let role = form
            .choice("role", OrganisationRole::parse)
            .or(OrganisationRole::User);
        let groups = form.ids("permission_groups").nullable().optional();
        Some(Self {
            email: email?,
            role: role?,
            permission_groups: groups?.unwrap_or_default(),
        })
    }
}

impl From<InviteInput> for NewInvite {
    fn from(input: InviteInput) -> Self {
        Self {
            email: input.email,
            role: input.role,
            groups: input.permission_groups,
        }
    }
}

/// Addresses to be invited; those in `emails` become users.
#[derive(Debug, ToSchema)]
pub struct BulkInvites {
    pub(super) invites: Vec<InviteInput>,
    pub(super) emails: Vec<String>,
}

impl Parse for BulkInvites {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let invites = form.objects("invites").max_items(AT_ONCE).or(Vec::new());
        let emails = form
            .list("emails", rule::Text::email())
            .max_items(AT_ONCE)
            .or(Vec::new());
        Some(Self {
            invites: invites?,
            emails: emails?,
        })
    }
}
