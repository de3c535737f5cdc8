//! Makes a metric.

use super::{MetricDefinition, entry};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::MetricId;
use liftgate_model::audit::ChangeType;
use liftgate_model::metric::{Aggregation, Direction, Metric};
use liftgate_store::metrics;

/// A metric as it is asked for.
#[derive(Debug, Clone)]
pub struct NewMetric {
    /// Name, at most 255 characters; need not be unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// How the events of one identity become one number.
    pub aggregation: Aggregation,
    /// Which way of change is good.
    pub direction: Direction,
    /// What it is computed from.
    pub definition: MetricDefinition,
}

/// Creates a metric.
///
/// # Errors
/// `Invalid` for a definition that does not go together with the aggregation.
pub async fn create(app: &App, on: &OnEnvironment<Admin>, input: NewMetric) -> Result<Metric> {
    let definition = input.definition;
    let checked = definition.check(input.aggregation);
    checked.map_err(|complaint| Error::field("definition", complaint))?;
    let mut work = app.begin(&on.actor).await?;
    let metric = Metric {
        id: MetricId(0),
        environment: on.environment.id,
        name: input.name,
        description: input.description,
        aggregation: input.aggregation,
        direction: input.direction,
        definition: definition.into_value(),
        created_at: work.now,
        updated_at: work.now,
    };
    let metric = metrics::create(&work.tx, &metric).await?;
    work.audit(entry(&on.environment, &metric, "created", ChangeType::Create))
        .await?;
    work.commit().await?;
    Ok(metric)
}
