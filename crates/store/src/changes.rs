//! News of changes between the nodes of one Postgres.
//!
//! Whoever commits a change of what an environment serves tells all nodes with it, by `NOTIFY` in the same transaction:
//! the news comes after the change can be read, and never without it. SQLite has one node, which needs no news.

use crate::{Conn, Result, Store};
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait as _, DatabaseBackend};

/// The name the nodes meet under.
const CHANNEL: &str = "liftgate_changes";

/// The news that comes to one node.
#[derive(Debug)]
pub struct Changes(PgListener);

impl Store {
    /// Listens from now on, on a connection of the pool; `None` where nobody else could tell anything.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached.
    pub async fn listen(&self) -> Result<Option<Changes>> {
        let Some(pool) = self.postgres() else {
            return Ok(None);
        };
        let mut listener = PgListener::connect_with(pool).await.map_err(unavailable)?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await.map_err(unavailable)?;
        Ok(Some(Changes(listener)))
    }
}

impl Changes {
    /// Waits for the next change that any node has committed, this one too.
    ///
    /// # Errors
    /// `Unavailable` when the connection is gone, and with it perhaps news: look at the database, and listen anew.
    pub async fn next(&mut self) -> Result<()> {
        match self.0.try_recv().await.map_err(unavailable)? {
            Some(_) => Ok(()),
            None => Err(unavailable(sea_orm::SqlxError::PoolClosed)),
        }
    }
}

/// Tells every node, when the transaction is committed.
pub(crate) async fn tell(c: &impl Conn) -> Result<()> {
    if c.raw().get_database_backend() == DatabaseBackend::Postgres {
        c.raw().execute_unprepared(&format!("NOTIFY {CHANNEL}")).await?;
    }
    Ok(())
}

fn unavailable(error: sea_orm::SqlxError) -> crate::Error {
    sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())).into()
}
