//! A flag as a whole (contract, admin API, section 4.7: `/api/__future__/environments/…`). In a versioned environment each
//! write is one new version, published.
//!
//! Quirks, each fixed by that section: who may neither see nor write gets 404; PATCH changes what is sent, PUT resets what
//! a part that is sent leaves out.

mod change;
mod delete_override;
mod guard;
mod read;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of whole flags.
pub fn routes() -> Routes {
    operations!(read::read, change::put, change::patch, delete_override::delete)
}
