//! The tags of a project (contract, admin API, section 3.4). To read one by its id takes MANAGE_TAGS, to list them
//! VIEW_PROJECT. There are no system tags.

mod crud;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of tags.
pub fn routes() -> Routes {
    operations!(
        crud::list,
        crud::create,
        crud::read,
        crud::update,
        crud::patch,
        crud::delete,
        crud::by_uuid,
    )
}
