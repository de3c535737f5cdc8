//! People, organisations and the keys they hold.

use crate::{GroupId, InviteLinkId, MasterKeyId, OrganisationId, OrganisationRole, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A person who can sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Public id.
    pub uuid: Uuid,
    /// Lower-cased address; unique.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// `NO_INVITE`, `INVITE_EMAIL`, `INVITE_LINK` or none.
    pub sign_up_type: Option<String>,
    /// Whether mail about the product is welcome.
    pub marketing_consent_given: bool,
    /// May do everything on this server.
    pub is_superuser: bool,
    /// Inactive users cannot sign in.
    pub is_active: bool,
    /// When the account was made.
    pub date_joined: Timestamp,
    /// When the last session was opened.
    pub last_login: Option<Timestamp>,
    /// What the first-steps page keeps, free JSON.
    pub onboarding: Option<Value>,
}

/// An organisation: the owner of projects.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    /// Id.
    pub id: OrganisationId,
    /// Public id.
    pub uuid: Uuid,
    /// Name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Where failed webhooks are reported.
    pub webhook_notification_email: Option<String>,
    /// Whether identify calls store traits.
    pub persist_trait_data: bool,
    /// Whether the SDK API refuses to serve.
    pub stop_serving_flags: bool,
    /// Whether only admins may create projects.
    pub restrict_project_create_to_admin: bool,
    /// Whether members must use a second factor.
    pub force_2fa: bool,
}

/// A member of an organisation.
#[derive(Debug, Clone)]
pub struct Member {
    /// The person.
    pub user: User,
    /// The role.
    pub role: OrganisationRole,
    /// Since when.
    pub date_joined: Timestamp,
}

/// An organisation-wide API key. Its secret is known only at creation.
#[derive(Debug, Clone)]
pub struct MasterKey {
    /// Id.
    pub id: MasterKeyId,
    /// The organisation it acts in.
    pub organisation: OrganisationId,
    /// Name.
    pub name: String,
    /// The eight characters before the point; the lookup key in URLs.
    pub prefix: String,
    /// Lower-case hexadecimal SHA-256 of the whole key.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// Until when it is accepted.
    pub expires_at: Option<Timestamp>,
    /// Revoked keys are refused and not listed.
    pub revoked: bool,
    /// Whether it passes every admin check of its organisation (always so without roles).
    pub is_admin: bool,
}

/// Who is asking: a signed-in person or a master key.
#[derive(Debug, Clone)]
pub enum Actor {
    /// A person.
    User(User),
    /// A key bound to one organisation.
    MasterKey(MasterKey),
}

impl Actor {
    /// The person, if it is one.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::MasterKey(_) => None,
        }
    }

    /// The person's id, if it is one: what audit rows and `created_by` carry.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }

    /// The key's id, if it is one.
    pub fn master_key_id(&self) -> Option<MasterKeyId> {
        match self {
            Self::User(_) => None,
            Self::MasterKey(key) => Some(key.id),
        }
    }
}

/// An invitation by mail to join an organisation.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Id.
    pub id: crate::InviteId,
    /// The secret part of the join link.
    pub hash: String,
    /// The invited address, lower-cased.
    pub email: String,
    /// The role the new member gets.
    pub role: OrganisationRole,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Who invited.
    pub invited_by: Option<UserId>,
    /// The groups the new member comes into, ascending.
    pub groups: Vec<GroupId>,
    /// When.
    pub created_at: Timestamp,
}

/// A link by which whoever has it may join an organisation.
#[derive(Debug, Clone)]
pub struct InviteLink {
    /// Id.
    pub id: InviteLinkId,
    /// The secret part of the link.
    pub hash: String,
    /// The role new members get.
    pub role: OrganisationRole,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Until when it works; `None` for as long as it is there.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A group of members of an organisation, which may be granted what users may be granted.
#[derive(Debug, Clone)]
pub struct Group {
    /// Id.
    pub id: GroupId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Name, at most 200 characters; not unique.
    pub name: String,
    /// Whether new members who are no admins come into it.
    pub is_default: bool,
    /// What it is called elsewhere, at most 255 characters.
    pub external_id: Option<String>,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub struct GroupMember {
    /// The person.
    pub user: User,
    /// Whether they may change who is in the group.
    pub is_admin: bool,
}
