//! The handle on the database: one writer and a pool of readers on SQLite, one pool on Postgres.

use crate::error::{Error, Result};
use crate::migration::Migrator;
use crate::pulse::Pulse;
use crate::untold::Untold;
use crate::watched::Watched;
use sea_orm::sqlx::pool::PoolConnectionMetadata;
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::{Connection as _, Executor as _, PgConnection};
use sea_orm::{
    ConnAcquireErr, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode, SqlxError, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// How long an idle connection may take to show that it still leads to the database.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an answer of a connection counts: it was asked when it went back to the pool.
const FRESH: Duration = Duration::from_millis(100);

/// For every connection to Postgres: a transaction whose node is not heard of any more ends, and with it its locks.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '10s'";

/// Limits of the connection pool.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connections for reading on SQLite, for everything on Postgres.
    pub max_connections: u32,
    /// How long to wait for a connection, or for another writer on SQLite.
    pub acquire_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            max_connections: 8,
            acquire_timeout: Duration::from_secs(4),
        }
    }
}

/// The relational store.
#[derive(Clone)]
pub struct Store {
    writer: Watched<DatabaseConnection>,
    reader: Watched<DatabaseConnection>,
    pulse: Pulse,
    statements: Arc<AtomicU64>,
    migrated: watch::Sender<bool>,
    untold: Arc<Untold>,
}

impl Store {
    /// Opens the database at the URL: `sqlite:///path/file.db` (made if missing) or `postgres://…`, to which connections
    /// are made when they are needed, so that it need not be there yet.
    pub async fn open(url: &str, options: &StoreOptions) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let (mut writer, mut reader) = if url.starts_with("sqlite:") {
            let writer = sqlite(url, options, 1, false).await?;
            (writer, sqlite(url, options, options.max_connections, true).await?)
        } else {
            let mut connect = ConnectOptions::new(url);
            connect
                .max_connections(options.max_connections.saturating_mul(2))
                .acquire_timeout(options.acquire_timeout)
                .connect_timeout(options.acquire_timeout)
                .connect_lazy(true)
                .test_before_acquire(false)
                .map_sqlx_postgres_before_acquire(|connection, meta| Box::pin(may_be_used(connection, meta)))
                .map_sqlx_postgres_pool_opts(prepared)
                .sqlx_logging(false);
            let pool = Database::connect(connect).await?;
            (pool.clone(), pool)
        };
        for connection in [&mut writer, &mut reader] {
            let statements = Arc::clone(&statements);
            connection.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        let pulse = match reader.get_database_backend() {
            DatabaseBackend::Postgres => Pulse::of(reader.get_postgres_connection_pool()),
            _ => Pulse::default(),
        };
        let [writer, reader] = [writer, reader].map(|inner| Watched {
            inner,
            pulse: pulse.clone(),
        });
        Ok(Self {
            writer,
            reader,
            pulse,
            statements,
            migrated: watch::Sender::new(false),
            untold: Arc::default(),
        })
    }

    /// Brings the schema up to date; a database that is, is left alone.
    ///
    /// # Errors
    /// `Newer` when a newer version of the program has changed the schema.
    pub async fn migrate(&self) -> Result<()> {
        let migrated = async {
            self.refuse_newer().await?;
            Migrator::up(&self.writer.inner, None).await.map_err(Error::from)
        };
        self.pulse.watch(migrated).await?;
        self.migrated.send_replace(true);
        Ok(())
    }

    /// Refuses to go on before [`Store::migrate`] has succeeded: the database may be away, or have tables of another
    /// version.
    ///
    /// # Errors
    /// `Unavailable`.
    pub fn check_migrated(&self) -> Result<()> {
        if *self.migrated.borrow() {
            return Ok(());
        }
        let reason = "it was not reached since the start";
        Err(Error::Unavailable(DbErr::Conn(RuntimeErr::Internal(
            reason.into(),
        ))))
    }

    /// Waits until [`Store::migrate`] has succeeded.
    pub async fn wait_until_migrated(&self) {
        // An error would mean that the sender is gone, and this holds it.
        let _ = self.migrated.subscribe().wait_for(|migrated| *migrated).await;
    }

    /// Whether every migration has run.
    ///
    /// # Errors
    /// `Newer` as in [`Store::migrate`].
    pub async fn is_migrated(&self) -> Result<bool> {
        self.refuse_newer().await?;
        Ok(Migrator::get_pending_migrations(&self.writer.inner)
            .await?
            .is_empty())
    }

    /// Refuses a database with a migration that this version of the program does not know.
    async fn refuse_newer(&self) -> Result<()> {
        let known = Migrator::get_migration_files();
        let applied = Migrator::get_migration_models(&self.writer.inner).await?;
        let unknown = applied
            .into_iter()
            .map(|row| row.version)
            .find(|version| !known.iter().any(|migration| migration.name() == version));
        unknown.map_or(Ok(()), |version| Err(Error::Newer(version)))
    }

    /// Opens a transaction for writing. Dropped without [`Tx::commit`] it changes nothing.
    ///
    /// # Errors
    /// `Unavailable` as in [`Store::check_migrated`] too.
    pub async fn begin(&self) -> Result<Tx> {
        self.check_migrated()?;
        let options = match self.writer.get_database_backend() {
            // The write lock is taken at once: a transaction that reads first and writes later could not get it any more.
            DatabaseBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions::default(),
        };
        let begun = self.writer.inner.begin_with_options(options);
        match self.pulse.watch(begun).await {
            // The one connection for writing is in use for too long.
            Err(error @ DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
                if self.writer.get_database_backend() == DatabaseBackend::Sqlite =>
            {
                Err(Error::Busy(error))
            }
            begun => Ok(Tx(Watched {
                inner: begun?,
                pulse: self.pulse.clone(),
            })),
        }
    }

    /// Reads without a transaction.
    pub fn reader(&self) -> Reader<'_> {
        Reader(&self.reader)
    }

    /// Whether the database is somewhere else, so that it can be away while this process runs.
    pub fn is_remote(&self) -> bool {
        self.postgres().is_some()
    }

    /// What waits to be told to other nodes.
    pub(crate) fn untold(&self) -> &Arc<Untold> {
        &self.untold
    }

    /// The pool below, on Postgres.
    pub(crate) fn postgres(&self) -> Option<&sea_orm::sqlx::PgPool> {
        (self.reader.get_database_backend() == DatabaseBackend::Postgres)
            .then(|| self.reader.inner.get_postgres_connection_pool())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.pulse
            .watch(self.reader.inner.ping())
            .await
            .map_err(Error::from)
    }

    /// The database's own check of itself: an empty list is a clean bill. Postgres checks nothing here.
    pub async fn integrity_check(&self) -> Result<Vec<String>> {
        if self.reader.get_database_backend() != DatabaseBackend::Sqlite {
            return self.ping().await.map(|()| Vec::new());
        }
        let rows = self.reader.query_all_raw(sea_orm::Statement::from_string(
            DatabaseBackend::Sqlite,
            "PRAGMA integrity_check",
        ));
        let mut faults = Vec::new();
        for row in rows.await? {
            let line: String = row.try_get_by_index(0)?;
            if line != "ok" {
                faults.push(line);
            }
        }
        Ok(faults)
    }

    /// How many statements were sent since the store was opened; tests count with it.
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes every connection.
    pub async fn close(self) -> Result<()> {
        self.writer.inner.close().await?;
        self.reader.inner.close().await.map_err(Error::from)
    }
}

/// What every connection to Postgres begins and ends with. One that does not answer when it is given back is dropped, and
/// makes room: whoever waited for it has gone, or goes.
fn prepared(options: PgPoolOptions) -> PgPoolOptions {
    options
        .after_connect(|connection, _| Box::pin(async { connection.execute(SESSION).await.map(|_| ()) }))
        .after_release(|connection, _| Box::pin(answers(connection)))
}

/// Whether a connection of the pool still leads to the database. One that leads nowhere is replaced, instead of being
/// waited for until the caller's time is over.
async fn may_be_used(connection: &mut PgConnection, meta: PoolConnectionMetadata) -> Result<bool, SqlxError> {
    if meta.idle_for < FRESH {
        return Ok(true);
    }
    answers(connection).await
}

/// Whether a connection answers in time.
async fn answers(connection: &mut PgConnection) -> Result<bool, SqlxError> {
    tokio::time::timeout(PING_TIMEOUT, connection.ping())
        .await
        .map_err(|_| SqlxError::PoolTimedOut)?
        .map(|()| true)
}

/// Opens a pool on an SQLite file in WAL mode. Commits are synced to disk before they are acknowledged.
async fn sqlite(
    url: &str,
    options: &StoreOptions,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection> {
    let timeout = options.acquire_timeout;
    let mut connect = ConnectOptions::new(format!("{url}?mode=rwc"));
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(timeout)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .busy_timeout(timeout)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-16000");
            if read_only {
                sqlite.pragma("query_only", "ON")
            } else {
                sqlite
            }
        });
    Ok(Database::connect(connect).await?)
}

/// Something statements can be sent to.
pub trait Conn: Send + Sync {
    /// The connection below.
    #[doc(hidden)]
    fn raw(&self) -> &impl ConnectionTrait;
}

/// A transaction.
pub struct Tx(Watched<DatabaseTransaction>);

impl Tx {
    /// Makes everything done in it permanent.
    ///
    /// # Errors
    /// After `Unavailable` it may be permanent, or not.
    pub async fn commit(self) -> Result<()> {
        let Watched { inner, pulse } = self.0;
        pulse.watch(inner.commit()).await.map_err(Error::from)
    }
}

impl Conn for Tx {
    fn raw(&self) -> &impl ConnectionTrait {
        &self.0
    }
}

/// A connection for reading.
#[derive(Clone, Copy)]
pub struct Reader<'a>(&'a Watched<DatabaseConnection>);

impl Conn for Reader<'_> {
    fn raw(&self) -> &impl ConnectionTrait {
        self.0
    }
}
