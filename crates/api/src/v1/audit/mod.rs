//! The audit log (contract, admin API, section 8.1). Nothing is hidden by age, and `is_system_event` does what it says,
//! where the reference server shows only system events whatever its value.

mod list;
mod read;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of the audit log.
pub fn routes() -> Routes {
    operations!(list::of_project, list::of_organisation, read::read)
}
