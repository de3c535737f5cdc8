//! Writes of a flag that do not ask how the environment is versioned (contract, admin API, section 4.7:
//! `/api/experiments/environments/…`). In a versioned environment each is one new version, published.
//!
//! Quirks, each fixed by that section: UPDATE_FEATURE_STATE is enough also for segment overrides; an unknown environment
//! is 403; features are found by their exact name.

mod delete_override;
mod update_many;
mod update_one;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of flag writes.
pub fn routes() -> Routes {
    operations!(update_one::update, update_many::update, delete_override::delete)
}
