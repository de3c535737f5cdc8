//! Multivariate options (contract, admin API, section 4.3). Quirks, each fixed by that section: reading one takes project
//! admin, listing them VIEW_PROJECT; an unknown project is 403, an unknown feature 404.

mod crud;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of options.
pub fn routes() -> Routes {
    operations!(
        crud::list,
        crud::create,
        crud::read,
        crud::put,
        crud::patch,
        crud::delete,
        crud::by_uuid,
    )
}
