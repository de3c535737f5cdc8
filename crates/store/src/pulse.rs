//! Tells a database that is slow from one that cannot be reached. A network that lets nothing pass says nothing either:
//! whoever waits for an answer would wait for minutes.

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, PgPool};
use sea_orm::{DbErr, RuntimeErr, SqlxError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// After how long without an answer the database is asked whether it is there, and then again and again.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many seconds it may take to take a connection. Together with [`PATIENCE`] this bounds how long anybody waits for a database
/// that cannot be reached.
const ASKING_SECONDS: u64 = 3;

/// Watches over whatever waits for the database. One that is a file needs none of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    options: Arc<PgConnectOptions>,
    /// What the last question found. Held while one is under way, so that all who wait ask together.
    answers: Mutex<bool>,
    /// How many questions were answered, or given up.
    asked: AtomicU64,
}

impl Pulse {
    /// Of the database that a pool leads to.
    pub fn of(pool: &PgPool) -> Self {
        Self(Some(Arc::new(Inner {
            options: pool.connect_options(),
            answers: Mutex::new(true),
            asked: AtomicU64::new(0),
        })))
    }

    /// Waits for an answer of the database as long as that can be reached. What was sent may or may not have been done when
    /// this gives up.
    ///
    /// # Errors
    /// `DbErr::Conn` when the database does not answer any more.
    pub async fn watch<T, E: From<DbErr>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Some(inner) = &self.0 else {
            return work.await;
        };
        tokio::select! {
            biased;
            done = work => done,
            () = inner.silence() => {
                let reason = "it does not answer any more";
                Err(DbErr::Conn(RuntimeErr::Internal(reason.into())).into())
            }
        }
    }
}

impl Inner {
    /// Waits until the database does not answer.
    async fn silence(&self) {
        loop {
            tokio::time::sleep(PATIENCE).await;
            if !self.ask().await {
                return;
            }
        }
    }

    /// Whether the database answers, by a question that ends after this call began.
    async fn ask(&self) -> bool {
        let before = self.asked.load(Ordering::Acquire);
        let mut answers = self.answers.lock().await;
        if self.asked.load(Ordering::Acquire) == before {
            let limit = Duration::from_secs(ASKING_SECONDS);
            *answers = matches!(
                tokio::time::timeout(limit, self.connect()).await,
                Ok(Ok(()) | Err(SqlxError::Database(_)))
            );
            self.asked.fetch_add(1, Ordering::Release);
        }
        *answers
    }

    /// Makes a connection of its own: those of the pool may be in use, or lead nowhere by themselves.
    async fn connect(&self) -> Result<(), SqlxError> {
        self.options.connect().await?.close().await
    }
}
