//! What users are granted on organisations, projects and environments (contract, admin API, section 2.7).
//!
//! PUT and PATCH both replace `permissions`, and leaving it out empties it. Lists nest the user, single rows name the
//! id. Only members of the organisation can be granted anything; to name others is to name nobody.

mod environment;
mod organisation;
mod project;
pub(super) mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of permissions.
pub fn routes() -> Routes {
    operations!(
        organisation::list,
        organisation::create,
        organisation::update,
        organisation::patch,
        organisation::delete,
        project::list,
        project::create,
        project::read,
        project::update,
        project::patch,
        project::delete,
        project::effective,
        environment::list,
        environment::create,
        environment::read,
        environment::update,
        environment::patch,
        environment::delete,
    )
}
