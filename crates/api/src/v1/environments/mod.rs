//! Environments and their server-side keys (contract, admin API, section 3.2). In paths an environment goes by its
//! client-side key.
//!
//! Switching the versioning of flags is done when it is answered with 202. Custom fields do not exist here: `metadata`
//! is accepted and always empty.

mod clone;
mod create;
mod crud;
mod document;
mod keys;
mod list;
mod metrics;
mod onboarding_status;
mod permissions;
mod traits;
mod versioning;
pub(super) mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of environments.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        crud::read,
        crud::update,
        crud::patch,
        crud::delete,
        crud::by_uuid,
        clone::clone,
        document::document,
        versioning::enable,
        versioning::disable,
        permissions::all,
        permissions::mine,
        traits::keys,
        traits::delete,
        metrics::metrics,
        onboarding_status::read,
        onboarding_status::update,
        keys::list,
        keys::create,
        keys::update,
        keys::patch,
        keys::delete,
    )
}
