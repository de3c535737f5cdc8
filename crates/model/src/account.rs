//! People, organisations and the keys they hold.

use crate::{MasterKeyId, OrganisationId, OrganisationRole, Timestamp, UserId};
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
#[derive(Debug, Clone)]
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
    /// When.
    pub created_at: Timestamp,
}
