//! The admin API: one folder a resource.

pub mod audit;
pub mod auth;
pub mod environments;
pub mod experiment_metrics;
pub mod experiments;
pub mod identities;
pub mod organisations;
pub mod permissions;
pub mod projects;
pub mod segments;
pub mod tags;
pub mod users;
pub mod value;
pub mod warehouse_connections;

use crate::router::Routes;

/// Every route of the admin API.
pub fn routes() -> Routes {
    Routes::new()
        .merge(audit::routes())
        .merge(auth::routes())
        .merge(environments::routes())
        .merge(experiment_metrics::routes())
        .merge(experiments::routes())
        .merge(identities::routes())
        .merge(organisations::routes())
        .merge(permissions::routes())
        .merge(projects::routes())
        .merge(segments::routes())
        .merge(tags::routes())
        .merge(users::routes())
        .merge(warehouse_connections::routes())
}
