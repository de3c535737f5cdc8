//! Feature states: what flags do, row by row (contract, admin API, sections 4.4, 4.5 and 6.1).
//!
//! Under an environment or an identity the value is plain JSON; by id it is in columns. Quirks, each fixed by those
//! sections: under an environment PUT and PATCH are both partial, and PATCH answers two keys only; a list by id without an
//! environment is 403; a state that is published in a versioned environment is not written here (400).

mod body;
mod by_id;
mod environment;
mod guard;
mod identity;
pub mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of feature states.
pub fn routes() -> Routes {
    operations!(
        environment::list,
        environment::create,
        environment::read,
        environment::put,
        environment::patch,
        environment::delete,
        identity::list,
        identity::create,
        identity::read,
        identity::put,
        identity::patch,
        identity::delete,
        by_id::list,
        by_id::create,
        by_id::put,
        by_id::patch,
        by_id::by_uuid,
    )
}
