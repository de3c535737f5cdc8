//! The bodies of accounts and sessions.

use liftgate_app::accounts::{NewAccount, ProfileChange};
use liftgate_model::account::User;
use liftgate_model::{Secret, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse, Patch};

/// Longest given or family name.
const NAME_CHARACTERS: usize = 150;

/// An account to be made.
#[derive(Debug, ToSchema)]
#[schema(as = NewAccount)]
pub struct NewAccountBody {
    /// Mail address; stored in lower case.
    #[schema(example = "ada@example.com")]
    email: String,
    /// At least 8 characters, and none that everybody tries.
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// Given name.
    first_name: String,
    /// Family name.
    last_name: String,
    /// `NO_INVITE`, `INVITE_EMAIL` or `INVITE_LINK`.
    sign_up_type: Option<String>,
    /// The secret part of an invitation's link.
    invite_hash: Option<String>,
    /// Whether the account administers the server; only the first may.
    superuser: Option<bool>,
}

fn sign_up_type(name: &str) -> Option<String> {
    ["NO_INVITE", "INVITE_EMAIL", "INVITE_LINK"]
        .contains(&name)
        .then(|| name.to_owned())
}

impl Parse for NewAccountBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let first_name = form.text("first_name").max(NAME_CHARACTERS).required();
        let last_name = form.text("last_name").max(NAME_CHARACTERS).required();
        let sign_up_type = form.choice("sign_up_type", sign_up_type).nullable().optional();
        let email = form.email("email").required();
        let password = form.text("password").untrimmed().required();
        let invite_hash = form.text("invite_hash").nullable().blank().optional();
        let superuser = form.boolean("superuser").optional();
        Some(Self {
            first_name: first_name?,
            last_name: last_name?,
            sign_up_type: sign_up_type?,
            email: email?,
            password: Secret::new(password?),
            invite_hash: invite_hash?,
            superuser: superuser?,
        })
    }
}

impl From<NewAccountBody> for NewAccount {
    fn from(body: NewAccountBody) -> Self {
        Self {
            email: body.email,
            password: body.password,
            first_name: body.first_name,
            last_name: body.last_name,
            sign_up_type: body.sign_up_type,
            invite_hash: body.invite_hash,
            superuser: body.superuser.unwrap_or(false),
        }
    }
}

/// A new account with the token of its first session.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountBody {
    first_name: String,
    last_name: String,
    sign_up_type: Option<String>,
    email: String,
    id: i32,
    is_active: bool,
    marketing_consent_given: bool,
    uuid: Uuid,
    /// The session token, shown once.
    #[schema(example = "3c7c39175a0314a6cdf9e9c6c0407a3738081252")]
    key: String,
}

impl AccountBody {
    pub(super) fn new(user: &User, token: &Secret) -> Self {
        Self {
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            sign_up_type: user.sign_up_type.clone(),
            email: user.email.clone(),
            id: user.id.0,
            is_active: user.is_active,
            marketing_consent_given: user.marketing_consent_given,
            uuid: user.uuid,
            key: token.expose().to_owned(),
        }
    }
}

/// Address and password. Whatever is missing is taken as empty: the answer is that of a wrong password.
#[derive(Debug, ToSchema)]
#[schema(as = SignIn)]
pub struct SignInBody {
    /// Mail address.
    pub(super) email: String,
    /// Password.
    #[schema(value_type = String, format = Password)]
    pub(super) password: Secret,
}

impl Parse for SignInBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let email = form.text("email").nullable().blank().optional();
        let password = form.text("password").untrimmed().nullable().blank().optional();
        Some(Self {
            email: email?.unwrap_or_default(),
            password: Secret::new(password?.unwrap_or_default()),
        })
    }
}

/// A session token, shown once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionBody {
    #[schema(example = "3c7c39175a0314a6cdf9e9c6c0407a3738081252")]
    key: String,
}

impl From<&Secret> for SessionBody {
    fn from(token: &Secret) -> Self {
        Self {
            key: token.expose().to_owned(),
        }
    }
}

/// The caller's account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    first_name: String,
    last_name: String,
    sign_up_type: Option<String>,
    id: i32,
    email: String,
    /// Always `EMAIL`.
    auth_type: &'static str,
    is_superuser: bool,
    #[schema(value_type = String, format = DateTime)]
    date_joined: Timestamp,
    uuid: Uuid,
    /// Always null.
    pylon_email_signature: Option<String>,
    /// What the first-steps page keeps.
    onboarding: Option<Value>,
}

impl From<&User> for Me {
    fn from(user: &User) -> Self {
        Self {
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            sign_up_type: user.sign_up_type.clone(),
            id: user.id.0,
            email: user.email.clone(),
            auth_type: "EMAIL",
            is_superuser: user.is_superuser,
            date_joined: user.date_joined,
            uuid: user.uuid,
            pylon_email_signature: None,
            onboarding: user.onboarding.as_ref().map(onboarding),
        }
    }
}

/// What is kept, with `tasks` always there.
fn onboarding(kept: &Value) -> Value {
    let tasks = kept
        .get("tasks")
        .cloned()
        .unwrap_or_else(|| Value::Array(Vec::new()));
    let mut shown = Map::from_iter([("tasks".to_owned(), tasks)]);
    for name in ["tools", "hosting_preferences"] {
        if let Some(value) = kept.get(name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(shown)
}

/// The caller's names.
#[derive(Debug, ToSchema)]
#[schema(as = Profile)]
pub struct ProfileBody {
    #[schema(value_type = Option<String>)]
    first_name: Patch<String>,
    #[schema(value_type = Option<String>)]
    last_name: Patch<String>,
    #[schema(value_type = Option<String>)]
    sign_up_type: Patch<String>,
}

impl Parse for ProfileBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let first_name = form.text("first_name").max(NAME_CHARACTERS).change_required();
        let last_name = form.text("last_name").max(NAME_CHARACTERS).change_required();
        let sign_up_type = form.choice("sign_up_type", sign_up_type).nullable().change();
        Some(Self {
            first_name: first_name?,
            last_name: last_name?,
            sign_up_type: sign_up_type?,
        })
    }
}

impl From<ProfileBody> for ProfileChange {
    fn from(body: ProfileBody) -> Self {
        Self {
            first_name: body.first_name.value(),
            last_name: body.last_name.value(),
            sign_up_type: body.sign_up_type.change(),
        }
    }
}

/// Confirms the deletion of an account.
#[derive(Debug, ToSchema)]
pub struct AccountDeletion {
    /// The caller's password.
    #[schema(value_type = String, format = Password)]
    pub(super) current_password: Secret,
    /// Whether organisations go along that the caller is the only member of.
    pub(super) delete_orphan_organisations: bool,
}

impl Parse for AccountDeletion {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let password = form.text("current_password").untrimmed().required();
        let orphans = form.boolean("delete_orphan_organisations").or(false);
        Some(Self {
            current_password: Secret::new(password?),
            delete_orphan_organisations: orphans?,
        })
    }
}

/// A new password, twice, with the current one.
#[derive(Debug, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the wire")]
pub struct PasswordChange {
    /// The password so far.
    #[schema(value_type = String, format = Password)]
    pub(super) current_password: Secret,
    /// The new password.
    #[schema(value_type = String, format = Password)]
    pub(super) new_password: Secret,
    /// The new password again.
    #[schema(value_type = String, format = Password)]
    #[expect(dead_code, reason = "compared while it is read")]
    re_new_password: Secret,
}

impl Parse for PasswordChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let new = new_password(form);
        let current = form.text("current_password").untrimmed().required();
        let new = Secret::new(new?);
        Some(Self {
            current_password: Secret::new(current?),
            re_new_password: new.clone(),
            new_password: new,
        })
    }
}

/// The current password alone.
pub(super) struct CurrentPassword(pub(super) Secret);

impl Parse for CurrentPassword {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.text("current_password")
            .untrimmed()
            .required()
            .map(Secret::new)
            .map(Self)
    }
}

/// A new password, twice, with what a link is made of.
#[derive(Debug, ToSchema)]
pub struct PasswordReset {
    /// Whose password it is.
    pub(super) uid: String,
    /// The token of the link.
    #[schema(value_type = String)]
    pub(super) token: Secret,
    /// The new password.
    #[schema(value_type = String, format = Password)]
    pub(super) new_password: Secret,
    /// The new password again.
    #[schema(value_type = String, format = Password)]
    #[expect(dead_code, reason = "compared while it is read")]
    re_new_password: Secret,
}

impl Parse for PasswordReset {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let uid = form.text("uid").required();
        let token = form.text("token").required();
        let new = Secret::new(new_password(form)?);
        Some(Self {
            uid: uid?,
            token: Secret::new(token?),
            re_new_password: new.clone(),
            new_password: new,
        })
    }
}

/// A new password that was sent twice.
fn new_password(form: &mut Form<'_>) -> Option<String> {
    let new = form.text("new_password").untrimmed().required();
    let again = form.text("re_new_password").untrimmed().required();
    let (new, again) = (new?, again?);
    if new != again {
        form.refuse_all("The two new passwords differ.");
        return None;
    }
    Some(new)
}
