//! What load balancers, SDKs and dashboards ask before anything else: the version, and whether the server works
//! (contract, admin API, section 8.5).
//!
//! `/health` and `/healthcheck` have no slash at the end, and with one they do not exist.

mod overrides;
mod page;
mod version;
mod wire;

pub use wire::{Liveness, Version};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::auth::Anonymous;
use crate::extract::Query;
use crate::operations;
use crate::reply::Reply;
use crate::router::Routes;
use crate::state::ApiState;

/// The probes.
pub fn routes() -> Routes {
    operations!(
        version,
        liveness,
        readiness,
        health,
        healthcheck,
        overrides::project_overrides
    )
}

/// The version and edition of this server.
#[utoipa::path(get, path = "/version/", tag = "probes", responses((status = 200, body = Version)))]
async fn version(_: Anonymous, State(state): State<ApiState>) -> Reply<Version> {
    Reply(Version::new(&state.settings.build, state.health.accounts().await))
}

/// Whether the process answers.
#[utoipa::path(get, path = "/health/liveness/", tag = "probes", responses((status = 200, body = Liveness)))]
async fn liveness(_: Anonymous) -> Reply<Liveness> {
    Reply(Liveness { status: "ok" })
}

/// Whether everything needed is there: a page, or JSON with `Accept: application/json` or `?format=json`.
#[utoipa::path(get, path = "/health/readiness/", tag = "probes", responses((status = 200), (status = 500)))]
async fn readiness(
    _: Anonymous,
    State(state): State<ApiState>,
    headers: HeaderMap,
    query: Query,
) -> Response {
    page::answer(&state.health.checks().await, &headers, &query)
}

/// The same as readiness.
#[utoipa::path(get, path = "/health", tag = "probes", responses((status = 200), (status = 500)))]
async fn health(guard: Anonymous, state: State<ApiState>, headers: HeaderMap, query: Query) -> Response {
    readiness(guard, state, headers, query).await
}

/// The same as readiness.
#[utoipa::path(get, path = "/healthcheck", tag = "probes", responses((status = 200), (status = 500)))]
async fn healthcheck(guard: Anonymous, state: State<ApiState>, headers: HeaderMap, query: Query) -> Response {
    readiness(guard, state, headers, query).await
}
