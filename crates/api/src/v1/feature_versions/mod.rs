//! Versions of a feature in a versioned environment (contract, admin API, section 4.8).
//!
//! Quirks, each fixed by that section: the environment is named by its integer id, the version by its UUID; complaints
//! about conflicts are `{"message": …}`. Feature, environment and version in a path must belong together, else 404.

mod create;
mod one;
mod read;
mod states;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of versions.
pub fn routes() -> Routes {
    operations!(
        read::list,
        create::create,
        one::delete,
        one::publish,
        read::read,
        states::list,
        states::create,
        states::put,
        states::patch,
        states::delete,
    )
}
