//! Groups of members of an organisation (contract, admin API, section 2.3). Whoever has MANAGE_USER_GROUPS sees and
//! changes all of them, an admin of a group that group, and every member the names of all.
//!
//! Quirks, fixed by that section: who is in a group is changed by actions of their own, and the two that make and unmake
//! its admins have no slash at the end.

mod crud;
mod list;
mod members;
pub mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of groups.
pub fn routes() -> Routes {
    operations!(
        list::list,
        list::summaries,
        list::mine,
        crud::create,
        crud::read,
        crud::update,
        crud::patch,
        crud::delete,
        members::add,
        members::remove,
        members::make_admin,
        members::remove_admin,
    )
}
