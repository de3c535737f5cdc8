//! Sessions: a token per sign-in, stored as its SHA-256 (reliability goals S7 and S8).

use crate::error::{Error, Result};
use crate::{App, tokens};
use liftgate_model::account::User;
use liftgate_model::{Secret, Timestamp, UserId};
use liftgate_store::{Tx, users};
use std::net::IpAddr;

/// How long sessions last.
pub(crate) const SESSION: Lifetime = Lifetime {
    idle_seconds: 12 * 3_600,
    total_seconds: 30 * 86_400,
};

/// Random bytes of a token; the contract's tokens have 40 hexadecimal characters.
const TOKEN_BYTES: usize = 20;

/// After which time a session ends by itself.
pub(crate) struct Lifetime {
    /// Seconds without use.
    idle_seconds: i64,
    /// Seconds from its opening, however much it is used.
    total_seconds: i64,
}

impl Lifetime {
    /// Whether a session has not run out.
    pub(crate) fn is_open(&self, opened: Timestamp, used: Timestamp, now: Timestamp) -> bool {
        now < opened.plus_seconds(self.total_seconds) && now < used.plus_seconds(self.idle_seconds)
    }
}

/// Opens a session for who knows the password, from an address; answers its token.
///
/// # Errors
/// `Invalid` in the same words and after the same time whether the address is unknown, the password wrong or the
/// account inactive; `Throttled` after too many of these.
pub async fn log_in(app: &App, email: &str, password: Secret, origin: IpAddr) -> Result<Secret> {
    let refused = || Error::non_field("Unable to log in with provided credentials.");
    if email.is_empty() || password.expose().is_empty() {
        return Err(refused());
    }
    let email = email.trim().to_lowercase();
    let now = app.clock.now();
    app.sign_ins.begin(&email, origin, now)?;
    let user = match check(app, &email, password).await {
        Ok(found) => found,
        Err(error) => {
            app.sign_ins.withdraw(&email, origin);
            return Err(error);
        }
    };
    let user = user.ok_or_else(refused)?;
    app.sign_ins.succeed(&email, origin);
    let tx = app.store.begin().await?;
    let user = User {
        last_login: Some(now),
        ..user
    };
    users::update(&tx, &user).await?;
    let token = open(app, &tx, user.id, now).await?;
    tx.commit().await?;
    Ok(token)
}

/// The active user with that address and password.
async fn check(app: &App, email: &str, password: Secret) -> Result<Option<User>> {
    let found = users::find_by_email(&app.store.reader(), email).await?;
    let (user, hash) = found.unzip();
    let fits = app.passwords.verify(password, hash).await?;
    Ok(user.filter(|user| fits && user.is_active))
}

/// Opens a session; those of the user that have run out are forgotten.
pub(super) async fn open(app: &App, tx: &Tx, user: UserId, now: Timestamp) -> Result<Secret> {
    let opened_before = now.plus_seconds(-SESSION.total_seconds);
    let used_before = now.plus_seconds(-SESSION.idle_seconds);
    users::delete_stale_tokens(tx, user, opened_before, used_before).await?;
    let token = app.random.hex(TOKEN_BYTES);
    users::create_token(tx, user, &tokens::hash(&token), now).await?;
    Ok(Secret::new(token))
}

/// Ends the session of a token.
pub async fn log_out(app: &App, token: &Secret) -> Result<()> {
    let tx = app.store.begin().await?;
    users::delete_token(&tx, &tokens::hash(token.expose())).await?;
    Ok(tx.commit().await?)
}

/// Ends every session of a user.
pub async fn log_out_everywhere(app: &App, user: &User) -> Result<()> {
    let tx = app.store.begin().await?;
    users::delete_tokens(&tx, user.id).await?;
    Ok(tx.commit().await?)
}
