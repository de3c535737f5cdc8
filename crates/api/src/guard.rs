//! Deny by default, at compile time.
//!
//! The first argument of every handler is a [`Guard`]: an extractor that says who may call and refuses everybody else
//! before anything else of the request is looked at. [`operations!`](crate::operations) registers handlers and does not
//! compile without one. What the guard says goes into the OpenAPI document (`x-liftgate-access` and `security`).
//!
//! An unguarded handler is refused:
//!
//! ```compile_fail
//! use liftgate_api::{operations, reply::NoContent, router::Routes};
//!
//! /// Open by oversight.
//! #[utoipa::path(post, path = "/open/", responses((status = 204)))]
//! async fn open(query: liftgate_api::extract::Query) -> NoContent { NoContent }
//!
//! let routes: Routes = operations!(open);
//! ```
//!
//! and so is one without arguments:
//!
//! ```compile_fail
//! use liftgate_api::{operations, reply::NoContent, router::Routes};
//!
//! /// Open by oversight.
//! #[utoipa::path(post, path = "/open/", responses((status = 204)))]
//! async fn open() -> NoContent { NoContent }
//!
//! let routes: Routes = operations!(open);
//! ```
//!
//! The same handler with a guard is welcome:
//!
//! ```
//! use liftgate_api::{auth::Anonymous, operations, reply::NoContent, router::Routes};
//!
//! /// Open on purpose.
//! #[utoipa::path(post, path = "/open/", responses((status = 204)))]
//! async fn open(_: Anonymous, query: liftgate_api::extract::Query) -> NoContent { NoContent }
//!
//! let routes: Routes = operations!(open);
//! ```

/// What the caller must bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Nothing.
    None,
    /// A session token, a master key or an access token.
    Account,
    /// The key of an environment.
    Environment,
}

/// An extractor that declares and enforces who may call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who may call",
    label = "the first argument of a handler must be a guard, such as `SignedIn`, `Anonymous` or a resource loader"
)]
pub trait Guard {
    /// Who may call, in words for the documentation: `organisation admin`.
    const WHO: &'static str;
    /// What the caller must bring along.
    const KEYS: Keys = Keys::Account;
}

/// The arguments of a handler whose first is a [`Guard`].
#[diagnostic::on_unimplemented(
    message = "this handler does not say who may call",
    note = "its first argument must be a guard, such as `SignedIn`, `Anonymous` or a resource loader"
)]
pub trait GuardedArgs {
    /// Who may call.
    const WHO: &'static str;
    /// What the caller must bring along.
    const KEYS: Keys;
}

/// Implements the trait for handlers with one guard and further arguments.
macro_rules! guarded {
    ($($argument:ident)*) => {
        impl<M, G: Guard, $($argument),*> GuardedArgs for (M, G, $($argument,)*) {
            const WHO: &'static str = G::WHO;
            const KEYS: Keys = G::KEYS;
        }
    };
}

guarded!();
guarded!(A);
guarded!(A B);
guarded!(A B C);
guarded!(A B C D);
guarded!(A B C D E);
guarded!(A B C D E F);
guarded!(A B C D E F H);
