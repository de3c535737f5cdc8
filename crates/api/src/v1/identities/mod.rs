//! Identities of an environment (contract, admin API, section 6.1), their stored traits, and what their flags are. Their
//! overrides one by one are feature states, in [`feature_states`](super::feature_states).
//!
//! Quirks, each fixed by that section: an identifier that is taken is a complaint of plain text, not of a list; a search
//! in quotation marks is for the whole identifier; a trait has a column for each type, of which `value_type` names the
//! one that counts.

mod crud;
mod flags;
mod trace;
mod traits;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of identities, their traits and their flags.
pub fn routes() -> Routes {
    operations!(
        crud::list,
        crud::create,
        crud::read,
        crud::put,
        crud::patch,
        crud::delete,
        flags::all,
        flags::clone_from_given_identity,
        trace::trace,
        traits::crud::list,
        traits::crud::create,
        traits::crud::read,
        traits::crud::put,
        traits::crud::patch,
        traits::crud::delete,
    )
}
