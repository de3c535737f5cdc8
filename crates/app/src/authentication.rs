//! Who holds a session token or a master key (contract, admin API, section 0.4).

use crate::accounts::SESSION;
use crate::error::{Error, Result};
use crate::{App, tokens};
use liftgate_model::account::Actor;
use liftgate_model::{Secret, Timestamp};
use liftgate_store::{master_keys, organisations, users};

/// A session that was used within this time is not noted again as used: reads of the API stay reads of the database.
const NOTED_AGAIN_AFTER_SECONDS: i64 = 600;

impl App {
    /// The person a session token belongs to.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such session, it has run out, or its user is inactive.
    pub async fn authenticate_token(&self, token: &Secret) -> Result<Actor> {
        let invalid = || Error::Unauthenticated("Invalid token.".to_owned());
        let hash = tokens::hash(token.expose());
        let session = users::find_session(&self.store.reader(), &hash).await?;
        let now = self.clock.now();
        let session = session
            .filter(|session| SESSION.is_open(session.created_at, session.last_used_at, now))
            .ok_or_else(invalid)?;
        if now.seconds_since(session.last_used_at) >= NOTED_AGAIN_AFTER_SECONDS
            && let Err(error) = self.note_use(&hash, now).await
        {
            // The caller is who they are; at worst the session ends sooner.
            tracing::warn!(error = ?error, "session.use_not_noted");
        }
        Ok(Actor::User(session.user))
    }

    /// The master key a text is.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such key, it was revoked, has expired, or its organisation is gone.
    pub async fn authenticate_master_key(&self, key: &Secret) -> Result<Actor> {
        let unknown = || Error::Unauthenticated("Valid Master API Key not found.".to_owned());
        let reader = self.store.reader();
        let (prefix, _) = key.expose().split_once('.').ok_or_else(unknown)?;
        let found = master_keys::find_by_prefix(&reader, prefix)
            .await?
            .ok_or_else(unknown)?;
        let fits = tokens::equal(&tokens::hash(key.expose()), &found.hash);
        let expired = found.expires_at.is_some_and(|at| at <= self.clock.now());
        if !fits || expired || organisations::find(&reader, found.organisation).await?.is_none() {
            return Err(unknown());
        }
        Ok(Actor::MasterKey(found))
    }

    async fn note_use(&self, hash: &str, now: Timestamp) -> Result<()> {
        let tx = self.store.begin().await?;
        users::touch_session(&tx, hash, now).await?;
        Ok(tx.commit().await?)
    }
}
