//! What users and groups are granted on organisations, projects and environments (contract, admin API, section 2.7).
//!
//! PUT and PATCH both replace `permissions`, and leaving it out empties it. Lists nest the user or group, single rows
//! name the id. Only members and groups of the organisation can be granted anything; to name others is to name nobody.

mod details;
mod environment;
mod environment_groups;
mod grants;
mod group_wire;
mod organisation;
mod organisation_groups;
mod project;
mod project_groups;
pub(super) mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of permissions.
pub fn routes() -> Routes {
    operations!(
        details::on_organisation,
        details::on_project,
        details::on_environment,
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
        organisation_groups::list,
        organisation_groups::create,
        organisation_groups::update,
        organisation_groups::patch,
        organisation_groups::delete,
        project_groups::list,
        project_groups::create,
        project_groups::read,
        project_groups::update,
        project_groups::patch,
        project_groups::delete,
        environment_groups::list,
        environment_groups::create,
        environment_groups::read,
        environment_groups::update,
        environment_groups::patch,
        environment_groups::delete,
    )
}
