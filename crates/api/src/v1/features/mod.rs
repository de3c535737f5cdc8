//! Features: what can be switched in a project (contract, admin API, section 4.1).
//!
//! Quirks, each fixed by that section: PUT needs no field; name, initial value, default and owners are ignored after
//! creation; an initial value of `true` is stored as `True`, of `false` refused.

mod create;
mod delete;
mod evaluation_data;
mod lifecycle_counts;
mod list;
mod owners;
mod read;
mod update;
pub mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of features.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        read::read,
        read::by_uuid,
        update::put,
        update::patch,
        delete::delete,
        owners::add,
        owners::remove,
        owners::add_groups,
        owners::remove_groups,
        evaluation_data::evaluation_data,
        lifecycle_counts::lifecycle_counts,
    )
}
