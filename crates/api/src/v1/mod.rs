//! The admin API: one folder a resource.

pub mod audit;
pub mod auth;
pub mod environments;
pub mod experiment_metrics;
pub mod experiments;
pub mod feature_segments;
pub mod feature_states;
pub mod feature_versions;
pub mod features;
pub mod flag_writes;
pub mod groups;
pub mod identities;
pub mod metadata;
pub mod mv_options;
pub mod organisations;
pub mod permissions;
pub mod projects;
pub mod segments;
pub mod tags;
pub mod usage;
pub mod users;
pub mod value;
pub mod warehouse_connections;
pub mod whole_flags;
pub mod workflows;

use crate::router::Routes;

/// Every route of the admin API.
pub fn routes() -> Routes {
    Routes::new()
        .merge(audit::routes())
        .merge(auth::routes())
        .merge(environments::routes())
        .merge(experiment_metrics::routes())
        .merge(experiments::routes())
        .merge(feature_segments::routes())
        .merge(feature_states::routes())
        .merge(feature_versions::routes())
        .merge(features::routes())
        .merge(flag_writes::routes())
        .merge(groups::routes())
        .merge(identities::routes())
        .merge(metadata::routes())
        .merge(mv_options::routes())
        .merge(organisations::routes())
        .merge(permissions::routes())
        .merge(projects::routes())
        .merge(segments::routes())
        .merge(tags::routes())
        .merge(usage::routes())
        .merge(users::routes())
        .merge(warehouse_connections::routes())
        .merge(whole_flags::routes())
        .merge(workflows::routes())
}
