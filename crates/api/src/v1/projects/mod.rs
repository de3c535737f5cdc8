//! Projects (contract, admin API, section 3.1). What concerns the reference's second identity store is constant, so
//! that clients use the one there is.

mod create;
mod crud;
mod list;
mod permissions;
pub(super) mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of projects.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        crud::read,
        crud::update,
        crud::patch,
        crud::delete,
        crud::by_uuid,
        list::environments,
        permissions::all,
        permissions::mine,
    )
}
