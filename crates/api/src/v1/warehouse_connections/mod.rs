//! Warehouse connections (contract, admin API, section 7.13): where an environment's events are analysed.
//!
//! Quirks, each fixed by that section: complaints about members of `config` and `credentials` are one plain text each,
//! about the whole of them a list; numbers of events are null in the answers to POST and PATCH of a connection; trying
//! a connection is the only thing that changes its status by what the warehouse has. Reading and writing are throttled.

mod create;
mod delete;
mod events;
mod list;
mod read;
mod test_connection;
mod update;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of warehouse connections.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        test_connection::test_unsaved,
        read::read,
        update::put,
        update::patch,
        delete::delete,
        test_connection::test,
        events::events,
    )
}
