//! Segment overrides of a flag: their links with the priorities, and overrides made in one call (contract, admin API,
//! section 4.6).
//!
//! Quirks, each fixed by that section: the list shows the links of experiments' rollouts by name; what a link belongs to
//! never changes, so PUT and PATCH only confirm it. In versioned environments the ids of links change with every version.

mod create_override;
mod guard;
mod links;
mod priorities;
mod wire;

pub use create_override::SegmentPlace;

use crate::operations;
use crate::router::Routes;

/// The routes of segment overrides.
pub fn routes() -> Routes {
    operations!(
        links::list,
        links::create,
        links::read,
        links::put,
        links::patch,
        links::delete,
        links::by_uuid,
        priorities::update,
        create_override::create,
    )
}
