//! New accounts.

use super::{check_password, session};
use crate::App;
use crate::error::{Error, Result};
use liftgate_model::account::User;
use liftgate_model::{OrganisationRole, Secret, Timestamp};
use liftgate_store::users::NewUser as UserRow;
use liftgate_store::{Conn, Tx, invite_links, invites, organisations, settings, users};

/// An account as it is asked for over the network.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Mail address, in any case.
    pub email: String,
    /// Password.
    pub password: Secret,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// `NO_INVITE`, `INVITE_EMAIL`, `INVITE_LINK` or none.
    pub sign_up_type: Option<String>,
    /// The secret part of an invitation's link.
    pub invite_hash: Option<String>,
    /// Whether it shall administer the server: only the first account may.
    pub superuser: bool,
}

/// An account as the operator makes it.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Mail address, in any case.
    pub email: String,
    /// Password.
    pub password: Secret,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Whether it administers the server.
    pub superuser: bool,
    /// The organisation it administers, by name; made when there is none of that name.
    pub organisation: Option<String>,
}

/// Makes an account and opens its first session; answers its token.
///
/// Open until the first account exists. From then on an invitation is needed (its secret, or one for the address),
/// unless registration is configured to be open.
///
/// # Errors
/// `Forbidden` without an invitation; `Invalid` by field.
pub async fn sign_up(app: &App, account: NewAccount) -> Result<(User, Secret)> {
    let email = account.email.to_lowercase();
    let reader = app.store.reader();
    let is_first = users::count(&reader).await? == 0;
    let is_open = is_first || app.settings.open_registration;
    if !is_open && !is_invited(&reader, &email, account.invite_hash.as_deref(), app.clock.now()).await? {
        return Err(Error::Forbidden(Some(
            "Signing up on this server needs an invitation.".into(),
        )));
    }
    refuse_taken(&reader, &email).await?;
    let about = [email.as_str(), &account.first_name, &account.last_name];
    check_password("password", &account.password, &about)?;
    if account.superuser && !is_first {
        return Err(Error::field(
            "superuser",
            "Only the first account can administer the server.",
        ));
    }
    let hash = app.passwords.hash(account.password).await?;
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    if is_first {
        claim_first(&tx, now).await?;
    }
    let user = create(
        &tx,
        UserRow {
            uuid: app.random.uuid(),
            email: &email,
            password_hash: &hash,
            first_name: &account.first_name,
            last_name: &account.last_name,
            sign_up_type: account.sign_up_type.as_deref(),
            marketing_consent_given: true,
            is_superuser: account.superuser,
            date_joined: now,
        },
    )
    .await?;
    let token = session::open(app, &tx, user.id, now).await?;
    tx.commit().await?;
    Ok((user, token))
}

/// Makes an account for the operator, who needs no invitation.
///
/// # Errors
/// `Invalid` by field.
pub async fn create_user(app: &App, new: NewUser) -> Result<User> {
    let email = new.email.trim().to_lowercase();
    refuse_taken(&app.store.reader(), &email).await?;
    check_password(
        "password",
        &new.password,
        &[&email, &new.first_name, &new.last_name],
    )?;
    let hash = app.passwords.hash(new.password.clone()).await?;
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let user = create_from(app, &tx, &new, &email, &hash, now).await?;
    tx.commit().await?;
    Ok(user)
}

/// Stores an account of the operator's making, with its organisation.
pub(super) async fn create_from(
    app: &App,
    tx: &Tx,
    new: &NewUser,
    email: &str,
    password_hash: &str,
    now: Timestamp,
) -> Result<User> {
    let is_address = email
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if !is_address {
        return Err(Error::field("email", "Enter a valid email address."));
    }
    let row = UserRow {
        uuid: app.random.uuid(),
        email,
        password_hash,
        first_name: &new.first_name,
        last_name: &new.last_name,
        sign_up_type: None,
        marketing_consent_given: true,
        is_superuser: new.superuser,
        date_joined: now,
    };
    let user = create(tx, row).await?;
    if let Some(name) = &new.organisation {
        let organisation = match organisations::find_by_name(tx, name).await? {
            Some(found) => found,
            None => organisations::create(tx, app.random.uuid(), name, now).await?,
        };
        organisations::add_member(tx, organisation.id, user.id, OrganisationRole::Admin, now).await?;
    }
    Ok(user)
}

/// Makes sure that no other account is made at the same time as the first one.
pub(super) async fn claim_first(tx: &Tx, now: Timestamp) -> Result<()> {
    // Two transactions that write the same row come one after the other, and the second sees the user of the first.
    settings::put(tx, "first_account_at", &now.to_iso()).await?;
    if users::count(tx).await? > 0 {
        return Err(Error::conflict(
            "Another change was made at the same time. Try again.",
        ));
    }
    Ok(())
}

fn taken() -> Error {
    Error::field("email", "Email already exists. Please log in.")
}

async fn refuse_taken(conn: &impl Conn, email: &str) -> Result<()> {
    match users::find_by_email(conn, email).await? {
        Some(_) => Err(taken()),
        None => Ok(()),
    }
}

/// Stores an account; the address may have been taken since it was looked at.
async fn create(tx: &Tx, row: UserRow<'_>) -> Result<User> {
    match users::create(tx, row).await {
        Err(liftgate_store::Error::Conflict(_)) => Err(taken()),
        other => Ok(other?),
    }
}

/// Whether somebody was invited by mail, or holds the secret of an invitation or of a link that still works.
async fn is_invited(conn: &impl Conn, email: &str, hash: Option<&str>, now: Timestamp) -> Result<bool> {
    if let Some(hash) = hash {
        let link = invite_links::find_by_hash(conn, hash).await?;
        let works = link.is_some_and(|link| link.expires_at.is_none_or(|end| end > now));
        if works || invites::find_by_hash(conn, hash).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(invites::is_invited(conn, email, None).await?)
}
