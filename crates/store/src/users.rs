//! Users and their session tokens.

use crate::entity::{auth_tokens, users};
use crate::values::one_of;
use crate::{Conn, Result};
use liftgate_model::account::User;
use liftgate_model::{Timestamp, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

/// A user to be stored.
pub struct NewUser<'a> {
    /// Public id.
    pub uuid: Uuid,
    /// Lower-cased address.
    pub email: &'a str,
    /// Argon2id hash in PHC form.
    pub password_hash: &'a str,
    /// Given name.
    pub first_name: &'a str,
    /// Family name.
    pub last_name: &'a str,
    /// How the user came.
    pub sign_up_type: Option<&'a str>,
    /// Whether mail is welcome.
    pub marketing_consent_given: bool,
    /// May do everything.
    pub is_superuser: bool,
    /// Now.
    pub date_joined: Timestamp,
}

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        Self {
            id: UserId(row.id),
            uuid: row.uuid,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            sign_up_type: row.sign_up_type,
            marketing_consent_given: row.marketing_consent_given,
            is_superuser: row.is_superuser,
            is_active: row.is_active,
            date_joined: Timestamp(row.date_joined),
            last_login: row.last_login.map(Timestamp),
            onboarding: row.onboarding,
        }
    }
}

/// Stores a user.
///
/// # Errors
/// `Conflict` when the address is taken.
pub async fn create(c: &impl Conn, user: NewUser<'_>) -> Result<User> {
    let row = users::ActiveModel {
        uuid: Set(user.uuid),
        email: Set(user.email.to_owned()),
        password_hash: Set(user.password_hash.to_owned()),
        first_name: Set(user.first_name.to_owned()),
        last_name: Set(user.last_name.to_owned()),
        sign_up_type: Set(user.sign_up_type.map(str::to_owned)),
        marketing_consent_given: Set(user.marketing_consent_given),
        is_superuser: Set(user.is_superuser),
        is_active: Set(true),
        date_joined: Set(user.date_joined.0),
        ..Default::default()
    };
    Ok(users::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// The user with that id.
pub async fn find(c: &impl Conn, id: UserId) -> Result<Option<User>> {
    Ok(users::Entity::find_by_id(id.0)
        .one(c.raw())
        .await?
        .map(Into::into))
}

/// The users with those ids, ascending.
pub async fn list_by_ids(c: &impl Conn, ids: &[UserId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = users::Entity::find().filter(one_of(users::Column::Id, ids.iter().map(|id| id.0)));
    Ok(select
        .order_by_asc(users::Column::Id)
        .all(c.raw())
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// The user with that lower-cased address, and the hash of the password.
pub async fn find_by_email(c: &impl Conn, email: &str) -> Result<Option<(User, String)>> {
    let row = users::Entity::find()
        .filter(users::Column::Email.eq(email))
        .one(c.raw())
        .await?;
    Ok(row.map(|row| {
        let hash = row.password_hash.clone();
        (row.into(), hash)
    }))
}

/// The hash of the user's password.
pub async fn find_password_hash(c: &impl Conn, id: UserId) -> Result<Option<String>> {
    Ok(users::Entity::find_by_id(id.0)
        .one(c.raw())
        .await?
        .map(|row| row.password_hash))
}

/// How many users there are.
pub async fn count(c: &impl Conn) -> Result<u64> {
    Ok(users::Entity::find().count(c.raw()).await?)
}

/// Stores what a user may change about themselves.
pub async fn update(c: &impl Conn, user: &User) -> Result<()> {
    let row = users::ActiveModel {
        id: Set(user.id.0),
        first_name: Set(user.first_name.clone()),
        last_name: Set(user.last_name.clone()),
        sign_up_type: Set(user.sign_up_type.clone()),
        onboarding: Set(user.onboarding.clone()),
        last_login: Set(user.last_login.map(|at| at.0)),
        ..Default::default()
    };
    users::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Stores a new password hash.
pub async fn update_password(c: &impl Conn, id: UserId, password_hash: &str) -> Result<()> {
    let row = users::ActiveModel {
        id: Set(id.0),
        password_hash: Set(password_hash.to_owned()),
        ..Default::default()
    };
    users::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Removes a user and everything that hangs on the account.
pub async fn delete(c: &impl Conn, id: UserId) -> Result<()> {
    users::Entity::delete_by_id(id.0).exec(c.raw()).await?;
    Ok(())
}

/// Stores a session token by its hash.
pub async fn create_token(c: &impl Conn, user: UserId, token_hash: &str, now: Timestamp) -> Result<()> {
    let row = auth_tokens::ActiveModel {
        user_id: Set(user.0),
        token_hash: Set(token_hash.to_owned()),
        created_at: Set(now.0),
        last_used_at: Set(now.0),
        ..Default::default()
    };
    auth_tokens::Entity::insert(row)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}

/// An open session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last seen in use.
    pub last_used_at: Timestamp,
}

/// The session of an active user that a token belongs to.
pub async fn find_session(c: &impl Conn, token_hash: &str) -> Result<Option<Session>> {
    let select = auth_tokens::Entity::find().filter(auth_tokens::Column::TokenHash.eq(token_hash));
    let Some(token) = select.one(c.raw()).await? else {
        return Ok(None);
    };
    let owner = users::Entity::find_by_id(token.user_id).filter(users::Column::IsActive.eq(true));
    Ok(owner.one(c.raw()).await?.map(|user| Session {
        user: user.into(),
        created_at: Timestamp(token.created_at),
        last_used_at: Timestamp(token.last_used_at),
    }))
}

/// Notes that a session was in use.
pub async fn touch_session(c: &impl Conn, token_hash: &str, now: Timestamp) -> Result<()> {
    auth_tokens::Entity::update_many()
        .col_expr(
            auth_tokens::Column::LastUsedAt,
            sea_orm::sea_query::Expr::value(now.0),
        )
        .filter(auth_tokens::Column::TokenHash.eq(token_hash))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Ends those sessions of a user that were opened, or last used, before the given times.
pub async fn delete_stale_tokens(
    c: &impl Conn,
    user: UserId,
    opened_before: Timestamp,
    used_before: Timestamp,
) -> Result<()> {
    let stale = Condition::any()
        .add(auth_tokens::Column::CreatedAt.lte(opened_before.0))
        .add(auth_tokens::Column::LastUsedAt.lte(used_before.0));
    auth_tokens::Entity::delete_many()
        .filter(auth_tokens::Column::UserId.eq(user.0))
        .filter(stale)
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Ends every session of a user but one.
pub async fn delete_other_tokens(c: &impl Conn, user: UserId, kept_hash: &str) -> Result<()> {
    auth_tokens::Entity::delete_many()
        .filter(auth_tokens::Column::UserId.eq(user.0))
        .filter(auth_tokens::Column::TokenHash.ne(kept_hash))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Ends one session.
pub async fn delete_token(c: &impl Conn, token_hash: &str) -> Result<()> {
    auth_tokens::Entity::delete_many()
        .filter(auth_tokens::Column::TokenHash.eq(token_hash))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Ends every session of a user.
pub async fn delete_tokens(c: &impl Conn, user: UserId) -> Result<()> {
    auth_tokens::Entity::delete_many()
        .filter(auth_tokens::Column::UserId.eq(user.0))
        .exec(c.raw())
        .await?;
    Ok(())
}
