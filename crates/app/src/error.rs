//! The one error of the use-cases. `api` turns it into a status and a body in the contract's shape.

use serde_json::{Map, Value};

/// The result of a use-case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use-case did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the credentials are not accepted; the text says which.
    #[error("{0}")]
    Unauthenticated(String),
    /// The caller may not do this. `None` is the contract's general text.
    #[error("forbidden")]
    Forbidden(Option<String>),
    /// There is no such thing, or the caller may not know of it.
    #[error("not found")]
    NotFound(Missing),
    /// The input is not acceptable.
    #[error("invalid input")]
    Invalid(Invalid),
    /// The state of things does not allow it (409).
    #[error("{detail}")]
    Conflict {
        /// What stands against it.
        detail: String,
        /// A word for programs, where the contract has one.
        code: Option<&'static str>,
    },
    /// Too often (429).
    #[error("too many requests")]
    Throttled {
        /// A sentence to put before "Expected available in N second(s).", where the contract has one.
        detail: Option<String>,
        /// Seconds until the next try makes sense, at least 1.
        retry_after_seconds: u64,
    },
    /// Something needed is away for now (503 with `Retry-After`).
    #[error("{detail}")]
    Unavailable {
        /// What, in words without internals.
        detail: String,
        /// Seconds until the next try makes sense.
        retry_after_seconds: u64,
    },
    /// A fault of ours (500); the body says nothing of it, the log does.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is missing, for the wording of a 404.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// `No <Model> matches the given query.`
    Model(&'static str),
    /// `Not found.`
    Plain,
    /// A text of its own.
    Text(String),
}

/// Why input is not acceptable, in the shapes of the contract (admin API, section 0.5).
#[derive(Debug, Clone, PartialEq)]
pub enum Invalid {
    /// By field: `{"field": ["…"]}`; values may nest.
    Fields(Map<String, Value>),
    /// About the whole: `{"non_field_errors": ["…"]}`.
    NonField(String),
    /// A bare list: `["…"]`.
    List(Vec<String>),
    /// `{"detail": "…"}`.
    Detail(String),
    /// `{"message": "…"}`.
    Message(String),
    /// Any other body the contract has.
    Body(Value),
}

impl Error {
    /// The general 403.
    pub fn forbidden() -> Self {
        Self::Forbidden(None)
    }

    /// 404 for a look-up of a model.
    pub fn missing(model: &'static str) -> Self {
        Self::NotFound(Missing::Model(model))
    }

    /// The same, with a refusal turned into the 404 of another model: what is behind it must not be told.
    #[must_use]
    pub fn as_missing(self, model: &'static str) -> Self {
        match self {
            Self::Forbidden(_) | Self::NotFound(_) => Self::missing(model),
            other => other,
        }
    }

    /// 400 `{"field": ["message"]}`.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert(field.to_owned(), Value::from(vec![message.into()]));
        Self::Invalid(Invalid::Fields(fields))
    }

    /// 400 `{"field": ["Invalid pk \"9\" - object does not exist."]}`.
    pub fn unknown_pk(field: &str, id: i32) -> Self {
        Self::field(field, format!("Invalid pk \"{id}\" - object does not exist."))
    }

    /// 400 `{"non_field_errors": ["message"]}`.
    pub fn non_field(message: impl Into<String>) -> Self {
        Self::Invalid(Invalid::NonField(message.into()))
    }

    /// 400 `["message"]`.
    pub fn list(message: impl Into<String>) -> Self {
        Self::Invalid(Invalid::List(vec![message.into()]))
    }

    /// 400 `{"detail": "message"}`.
    pub fn detail(message: impl Into<String>) -> Self {
        Self::Invalid(Invalid::Detail(message.into()))
    }

    /// 409 `{"detail": "message"}`.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict {
            detail: message.into(),
            code: None,
        }
    }

    /// A fault of ours, with its source.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<liftgate_store::Error> for Error {
    fn from(error: liftgate_store::Error) -> Self {
        use liftgate_store::Error as Store;
        match error {
            Store::Busy(_) | Store::Unavailable(_) => {
                tracing::warn!(error = %error, "store.unavailable");
                Self::Unavailable {
                    detail: "The database is not available at the moment.".into(),
                    retry_after_seconds: 2,
                }
            }
            // Use-cases turn the conflicts they expect into errors of the contract; one that comes here is a lost race.
            Store::Conflict(_) => Self::conflict("Another change was made at the same time. Try again."),
            other => Self::internal(other),
        }
    }
}
