//! People in bodies.

use liftgate_model::Timestamp;
use liftgate_model::account::{Member, User};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person, as other resources name them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserSummary {
    /// Id.
    pub id: i32,
    /// Mail address.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// When the last session was opened.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login: Option<Timestamp>,
    /// Public id.
    pub uuid: Uuid,
}

/// A member of an organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberBody {
    /// The person.
    #[serde(flatten)]
    pub user: UserSummary,
    /// `ADMIN` or `USER`.
    pub role: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub date_joined: Timestamp,
}

impl From<&User> for UserSummary {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.0,
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            last_login: user.last_login,
            uuid: user.uuid,
        }
    }
}

impl From<&Member> for MemberBody {
    fn from(member: &Member) -> Self {
        Self {
            user: (&member.user).into(),
            role: member.role.as_str(),
            date_joined: member.date_joined,
        }
    }
}
