//! What can go wrong between here and the database.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// The code of Postgres for a transaction that it ended because its node was not heard of.
const IDLE_TRANSACTION: &str = "25P03";

/// The result of a store function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique rule stands against it. The text is the database's own and names the rule or its columns.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Another writer holds the database for too long; trying again may work.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Unavailable(#[source] DbErr),
    /// A newer version of the program has changed the schema. The text names its migration.
    #[error(
        "the database was written by a newer version: it has the migration {0}, which this version does not know"
    )]
    Newer(String),
    /// A stored value is not what the schema promises.
    #[error("corrupt value in {table}: {what}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What was found.
        what: String,
    },
    /// Anything else.
    #[error("database error")]
    Other(#[source] DbErr),
}

impl Error {
    /// A stored value that cannot be read.
    pub(crate) fn corrupt(table: &'static str, what: impl Into<String>) -> Self {
        Self::Corrupt {
            table,
            what: what.into(),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(rule)) = error.sql_err() {
            return Self::Conflict(rule);
        }
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                use sea_orm::SqlxError;
                match cause.as_ref() {
                    SqlxError::Io(_)
                    | SqlxError::PoolTimedOut
                    | SqlxError::PoolClosed
                    | SqlxError::WorkerCrashed => Self::Unavailable(error),
                    SqlxError::Database(db) => {
                        let text = db.message();
                        let code = db.code().unwrap_or_default();
                        if text.contains("database is locked")
                            || text.contains("database table is locked")
                            || code == "40001"
                            || code == "40P01"
                        {
                            Self::Busy(error)
                        } else if code.starts_with("57P")
                            || code.starts_with("08")
                            || code == IDLE_TRANSACTION
                        {
                            Self::Unavailable(error)
                        } else {
                            Self::Other(error)
                        }
                    }
                    _ => Self::Other(error),
                }
            }
            _ => Self::Other(error),
        }
    }
}
