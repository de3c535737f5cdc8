//! Metrics (contract, admin API, section 7.5): what the experiments of an environment measure.
//!
//! Reading needs VIEW_ENVIRONMENT only, where the contract's server asks for an administrator (7.1): who edits flags
//! sees what their experiments measure.

mod create;
mod definition;
mod delete;
mod list;
mod read;
mod update;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of metrics.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        read::read,
        update::put,
        update::patch,
        delete::delete,
    )
}
