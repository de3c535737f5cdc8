//! Changing a password, and getting in again without one.

use super::check_password;
use crate::error::{Error, Result};
use crate::{App, tokens};
use liftgate_model::account::User;
use liftgate_model::{Secret, Timestamp, UserId};
use liftgate_store::{settings, users};

/// How long a link for a new password works.
const LINK_SECONDS: i64 = 86_400;
/// Random bytes of a link's token.
const TOKEN_BYTES: usize = 32;

/// What a link for a new password is made of.
#[derive(Debug, Clone)]
pub struct ResetLink {
    /// Whose password it is for: hexadecimal text.
    pub uid: String,
    /// The token; works once, for a day.
    pub token: Secret,
}

/// Changes the caller's password. Their other sessions end; the one of `token` stays.
///
/// # Errors
/// `Invalid` when the current password is wrong or the new one easily guessed.
pub async fn change_password(
    app: &App,
    user: &User,
    token: &Secret,
    current: Secret,
    new: Secret,
) -> Result<()> {
    check_current_password(app, user, current).await?;
    check_password(
        "new_password",
        &new,
        &[&user.email, &user.first_name, &user.last_name],
    )?;
    let hash = app.passwords.hash(new).await?;
    let tx = app.store.begin().await?;
    users::update_password(&tx, user.id, &hash).await?;
    users::delete_other_tokens(&tx, user.id, &tokens::hash(token.expose())).await?;
    settings::delete(&tx, &setting(user.id)).await?;
    Ok(tx.commit().await?)
}

/// Refuses a password that is not the caller's.
///
/// # Errors
/// `Invalid`.
pub async fn check_current_password(app: &App, user: &User, password: Secret) -> Result<()> {
    let hash = users::find_password_hash(&app.store.reader(), user.id).await?;
    if app.passwords.verify(password, hash).await? {
        return Ok(());
    }
    Err(Error::field("current_password", "Invalid password."))
}

/// Makes a link for a new password, in place of any before it: for the operator to hand over, since the server sends no
/// mail. `None` when nobody has the address.
pub async fn create_reset_link(app: &App, email: &str) -> Result<Option<ResetLink>> {
    let tx = app.store.begin().await?;
    let Some((user, _)) = users::find_by_email(&tx, &email.trim().to_lowercase()).await? else {
        return Ok(None);
    };
    let token = app.random.hex(TOKEN_BYTES);
    let until = app.clock.now().plus_seconds(LINK_SECONDS);
    let kept = format!("{} {}", until.0, tokens::hash(&token));
    settings::put(&tx, &setting(user.id), &kept).await?;
    tx.commit().await?;
    Ok(Some(ResetLink {
        uid: format!("{:x}", user.id.0),
        token: Secret::new(token),
    }))
}

/// Sets a new password with a link of [`create_reset_link`]. All sessions of the person end.
///
/// # Errors
/// `Invalid` by field: `uid`, `token`, `new_password`.
pub async fn reset_password(app: &App, uid: &str, token: &Secret, new: Secret) -> Result<()> {
    let reader = app.store.reader();
    let user = match i32::from_str_radix(uid, 16) {
        Ok(id) => users::find(&reader, UserId(id)).await?,
        Err(_) => None,
    };
    let user = user.ok_or_else(|| Error::field("uid", "Invalid user id or user doesn't exist."))?;
    let kept = settings::find(&reader, &setting(user.id)).await?;
    if !kept.is_some_and(|kept| fits(&kept, token, app.clock.now())) {
        return Err(Error::field("token", "Invalid token for given user."));
    }
    check_password(
        "new_password",
        &new,
        &[&user.email, &user.first_name, &user.last_name],
    )?;
    let hash = app.passwords.hash(new).await?;
    let tx = app.store.begin().await?;
    settings::delete(&tx, &setting(user.id)).await?;
    users::update_password(&tx, user.id, &hash).await?;
    users::delete_tokens(&tx, user.id).await?;
    Ok(tx.commit().await?)
}

/// Under which name a person's link is kept.
fn setting(user: UserId) -> String {
    format!("password_reset.{user}")
}

fn fits(kept: &str, token: &Secret, now: Timestamp) -> bool {
    let Some((until, hash)) = kept.split_once(' ') else {
        return false;
    };
    let in_time = until.parse().is_ok_and(|until| now < Timestamp(until));
    tokens::equal(hash, &tokens::hash(token.expose())) && in_time
}
