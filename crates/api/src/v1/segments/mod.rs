//! Segments (contract, admin API, section 5): named sets of identities, defined by rules, in a project.
//!
//! Quirks, each fixed by that section: the value of a condition is always text, whatever was sent; nodes of the rule
//! tree with `"delete": true` are as if they were not there; complaints about the tree as a whole are on `segment`.
//! Segments that the server made for its own use are 404 everywhere, also by public id. Custom fields do not exist
//! here: `metadata` is accepted and always empty.

mod associated;
mod clone;
mod create;
mod delete;
mod list;
mod read;
mod rules;
mod update;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of segments.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        read::read,
        read::by_uuid,
        update::put,
        update::patch,
        delete::delete,
        clone::clone,
        associated::associated_features,
    )
}
