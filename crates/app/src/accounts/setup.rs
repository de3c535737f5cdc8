//! The one-time set-up of a new server: the first administrator and their organisation.

use super::sign_up::{self, NewUser};
use super::{check_password, session};
use crate::error::{Error, Result};
use crate::{App, tokens};
use liftgate_model::Secret;
use liftgate_model::account::User;
use liftgate_store::{settings, users};

/// Under which name the hash of the token is kept.
const TOKEN_SETTING: &str = "setup_token_hash";
/// Random bytes of the token.
const TOKEN_BYTES: usize = 32;

/// The first administrator, as the set-up form sends it.
#[derive(Debug, Clone)]
pub struct NewAdministrator {
    /// Mail address, in any case.
    pub email: String,
    /// Password.
    pub password: Secret,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The name of their organisation.
    pub organisation: String,
}

/// Makes the token of a set-up link, in place of any before it; `None` once there is an account.
pub async fn create_setup_link(app: &App) -> Result<Option<Secret>> {
    let tx = app.store.begin().await?;
    if users::count(&tx).await? > 0 {
        return Ok(None);
    }
    let token = app.random.hex(TOKEN_BYTES);
    settings::put(&tx, TOKEN_SETTING, &tokens::hash(&token)).await?;
    tx.commit().await?;
    Ok(Some(Secret::new(token)))
}

/// Makes the first administrator, with their organisation, and opens their session; answers its token.
///
/// # Errors
/// `Forbidden` when the token is not that of the last link, was used, or there is an account by now; `Invalid` by field.
pub async fn complete_setup(app: &App, token: &Secret, new: NewAdministrator) -> Result<(User, Secret)> {
    let refused = || Error::Forbidden(Some("This set-up link is not valid any more.".into()));
    let stored = settings::find(&app.store.reader(), TOKEN_SETTING).await?;
    let fits = stored.is_some_and(|stored| tokens::equal(&stored, &tokens::hash(token.expose())));
    if !fits || users::count(&app.store.reader()).await? > 0 {
        return Err(refused());
    }
    let email = new.email.to_lowercase();
    check_password(
        "password",
        &new.password,
        &[&email, &new.first_name, &new.last_name],
    )?;
    let hash = app.passwords.hash(new.password.clone()).await?;
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    sign_up::claim_first(&tx, now)
        .await
        .map_err(|error| match error {
            Error::Conflict { .. } => refused(),
            other => other,
        })?;
    settings::delete(&tx, TOKEN_SETTING).await?;
    let administrator = NewUser {
        email: new.email,
        password: new.password,
        first_name: new.first_name,
        last_name: new.last_name,
        superuser: true,
        organisation: Some(new.organisation),
    };
    let user = sign_up::create_from(app, &tx, &administrator, &email, &hash, now).await?;
    let token = session::open(app, &tx, user.id, now).await?;
    tx.commit().await?;
    Ok((user, token))
}
