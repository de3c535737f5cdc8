//! Metrics: what the experiments of an environment measure (contract, admin API, section 7.5).

mod create;
mod definition;
mod delete;
mod find;
mod update;

pub use create::{NewMetric, create};
pub(crate) use definition::DEFAULT_LOOK_BACK_MS;
pub use definition::MetricDefinition;
pub use delete::delete;
pub use find::{MetricView, find, list};
pub use update::{MetricChange, update};

use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::MetricId;
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::experiment::Experiment;
use liftgate_model::metric::Metric;
use liftgate_store::{Conn, experiments, metrics};

/// The audit record of something that happened to a metric; no flag changes with it.
fn entry(environment: &Environment, metric: &Metric, what: &str, change: ChangeType) -> Entry {
    Entry::in_environment(
        format!("Metric '{}' {what}", metric.name),
        environment.project,
        environment.id,
        RelatedObject::Metric,
        metric.id.0,
        change,
    )
    .silent()
}

/// The metric with that id in an environment.
async fn existing(conn: &impl Conn, environment: &Environment, id: MetricId) -> Result<Metric> {
    let found = metrics::find(conn, environment.id, id).await?;
    found.ok_or_else(|| Error::missing("Metric"))
}

/// The experiments that use a metric, by id, locked so that none of them starts in the meantime.
async fn users_for_update(
    work: &Work<'_>,
    environment: &Environment,
    id: MetricId,
) -> Result<Vec<Experiment>> {
    let mut users = Vec::new();
    for (_, experiment) in metrics::list_users(&work.tx, &[id]).await? {
        let found = experiments::find_for_update(&work.tx, environment.id, experiment).await?;
        users.extend(found);
    }
    Ok(users)
}
