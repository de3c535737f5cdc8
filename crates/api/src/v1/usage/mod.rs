//! Usage of the SDK API (contract, admin API, section 8.4): requests by day, of an organisation's environments. What was
//! counted in the last seconds is not told yet.

mod legacy;
mod read;
pub(super) mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of usage.
pub fn routes() -> Routes {
    operations!(read::usage, read::total, legacy::events_list, legacy::events)
}
