//! News of changes between the nodes of one Postgres. SQLite has one node, which needs no news.
//!
//! * Of what an environment serves: whoever commits a change tells all nodes with it, by `NOTIFY` in the same transaction.
//!   The news comes after the change can be read, and never without it.
//! * Of stored traits: these are written far more often, and Postgres commits transactions with a `NOTIFY` one after the
//!   other. So they are told a moment after their commit, many in one statement, on the connection that listens. What a
//!   node that dies in between does not tell, the others find by the age of what they remember.

use crate::untold::{self, Untold};
use crate::{Conn, Error, Result, Store};
use liftgate_model::EnvironmentId;
use sea_orm::sqlx::postgres::{PgListener, PgNotification};
use sea_orm::sqlx::{query, query_scalar};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, SqlxError};
use std::sync::Arc;
use std::time::Duration;

/// Under which name changes of what is served are told.
const CHANGES: &str = "liftgate_changes";

/// Under which name changes of stored traits are told.
const IDENTITIES: &str = "liftgate_identities";

/// How long changes of traits are gathered before they are told.
const GATHERING: Duration = Duration::from_millis(10);

/// After how long without news the connection is tried: one that leads nowhere is as silent as one without news.
const SILENCE: Duration = Duration::from_secs(3);

/// How long the database may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// Tells changes of traits without waiting for the disk: news need not outlive the server.
const TELL: &str = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, message) \
                    FROM unnest($2::text[]) AS message";

/// What the nodes tell each other.
#[derive(Debug)]
pub enum News {
    /// What an environment serves was changed, by any node, this one too.
    Environments,
    /// Stored traits were changed by another node: of the identities of these identifiers; without one, of all of the
    /// environment.
    Identities(Vec<(EnvironmentId, Option<String>)>),
}

/// The news that comes to one node, and goes from it.
#[derive(Debug)]
pub struct Changes {
    listener: PgListener,
    /// The number of the connection on the server: what it tells is our own.
    own: u32,
    untold: Arc<Untold>,
}

impl Store {
    /// Listens from now on, on a connection of the pool; `None` where nobody else could tell anything.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached.
    pub async fn listen(&self) -> Result<Option<Changes>> {
        let Some(pool) = self.postgres() else {
            return Ok(None);
        };
        let begun = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.eager_reconnect(false);
            listener.listen_all([CHANGES, IDENTITIES]).await?;
            let own: i32 = query_scalar("SELECT pg_backend_pid()")
                .fetch_one(&mut listener)
                .await?;
            Ok((listener, own))
        };
        let (listener, own) = in_time(begun).await?;
        Ok(Some(Changes {
            listener,
            own: own.unsigned_abs(),
            untold: Arc::clone(self.untold()),
        }))
    }

    /// Lets the other nodes know, soon, that stored traits of an identity were changed, or those of all identities of the
    /// environment. To be called once the change can be read.
    pub fn tell_identities(&self, environment: EnvironmentId, identifier: Option<&str>) {
        if self.is_remote() {
            self.untold().add([(environment, identifier.map(str::to_owned))]);
        }
    }
}

impl Changes {
    /// Waits for the next news, and tells what is to be told meanwhile.
    ///
    /// # Errors
    /// `Unavailable` when the connection is gone, and with it perhaps news: look at the database, and listen anew.
    pub async fn next(&mut self) -> Result<News> {
        loop {
            tokio::select! {
                heard = self.listener.try_recv() => {
                    let heard = heard.map_err(unavailable)?;
                    let heard = heard.ok_or_else(|| unavailable(SqlxError::PoolClosed))?;
                    if let Some(news) = self.read(&heard) {
                        return Ok(news);
                    }
                }
                () = self.untold.wait() => self.tell().await?,
                () = tokio::time::sleep(SILENCE) => {
                    in_time(query("SELECT 1").execute(&mut self.listener)).await?;
                }
            }
        }
    }

    fn read(&self, heard: &PgNotification) -> Option<News> {
        if heard.channel() == CHANGES {
            return Some(News::Environments);
        }
        if heard.process_id() == self.own {
            return None;
        }
        let identities = untold::read(heard.payload());
        if identities.is_none() {
            tracing::warn!("store.news_not_understood");
        }
        identities.map(News::Identities)
    }

    async fn tell(&mut self) -> Result<()> {
        tokio::time::sleep(GATHERING).await;
        let names = self.untold.take();
        if names.is_empty() {
            return Ok(());
        }
        let tell = query(TELL).bind(IDENTITIES).bind(untold::messages(&names));
        let told = in_time(tell.execute(&mut self.listener)).await;
        if told.is_err() {
            self.untold.add(names);
        }
        told.map(|_| ())
    }
}

/// Tells every node, when the transaction is committed.
pub(crate) async fn tell(c: &impl Conn) -> Result<()> {
    if c.raw().get_database_backend() == DatabaseBackend::Postgres {
        c.raw().execute_unprepared(&format!("NOTIFY {CHANGES}")).await?;
    }
    Ok(())
}

async fn in_time<T>(call: impl Future<Output = Result<T, SqlxError>>) -> Result<T> {
    tokio::time::timeout(ANSWER_TIMEOUT, call)
        .await
        .unwrap_or(Err(SqlxError::PoolTimedOut))
        .map_err(unavailable)
}

fn unavailable(error: SqlxError) -> Error {
    sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())).into()
}
