//! The admin API: one folder a resource.

pub mod experiment_metrics;
pub mod experiments;
pub mod identities;
pub mod segments;
pub mod value;
pub mod warehouse_connections;

use crate::router::Routes;

/// Every route of the admin API.
pub fn routes() -> Routes {
    Routes::new()
        .merge(experiment_metrics::routes())
        .merge(experiments::routes())
        .merge(identities::routes())
        .merge(segments::routes())
        .merge(warehouse_connections::routes())
}
