//! How much is in an environment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::Admin;
use liftgate_app::environments::{self, EnvironmentMetrics};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::VisibleEnvironment;
use crate::error::ApiError;
use crate::reply::Reply;

/// Counts of what is in force in an environment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EnvironmentMetrics)]
pub struct MetricsBody {
    metrics: [MetricBody; 4],
}

/// One count.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EnvironmentMetric)]
pub struct MetricBody {
    value: usize,
    description: &'static str,
    name: &'static str,
    /// `features`, `segments` or `identities`.
    entity: &'static str,
    rank: u8,
}

impl From<EnvironmentMetrics> for MetricsBody {
    fn from(counts: EnvironmentMetrics) -> Self {
        let metric = |rank, value, name, description, entity| MetricBody {
            value,
            description,
            name,
            entity,
            rank,
        };
        Self {
            metrics: [
                metric(
                    1,
                    counts.total_features,
                    "total_features",
                    "Total features",
                    "features",
                ),
                metric(
                    2,
                    counts.enabled_features,
                    "enabled_features",
                    "Features enabled",
                    "features",
                ),
                metric(
                    3,
                    counts.segment_overrides,
                    "segment_overrides",
                    "Segment overrides",
                    "segments",
                ),
                metric(
                    4,
                    counts.identity_overrides,
                    "identity_overrides",
                    "Identity overrides",
                    "identities",
                ),
            ],
        }
    }
}

/// How much is in force in an environment; archived features do not count.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/metrics/", tag = "environments",
    responses((status = 200, body = MetricsBody)))]
pub async fn metrics(
    VisibleEnvironment(on): VisibleEnvironment<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Reply<MetricsBody>, ApiError> {
    Ok(Reply(environments::metrics(&app, &on).await?.into()))
}
