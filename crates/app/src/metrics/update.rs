//! Changes a metric.

use super::{MetricDefinition, MetricView, entry, existing, users_for_update};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::MetricId;
use liftgate_model::audit::ChangeType;
use liftgate_model::experiment::ExperimentStatus;
use liftgate_model::metric::{Aggregation, Direction};
use liftgate_store::metrics;

/// What to change about a metric. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct MetricChange {
    /// Name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// How the events of one identity become one number.
    pub aggregation: Option<Aggregation>,
    /// Which way of change is good.
    pub direction: Option<Direction>,
    /// What it is computed from.
    pub definition: Option<MetricDefinition>,
}

/// Changes a metric. A change of nothing does nothing.
///
/// # Errors
/// `NotFound`; `Invalid` for a definition that does not go together with the aggregation; `Conflict` for another definition or aggregation while a running experiment uses it: what was measured
/// so far would be read as something else.
pub async fn update(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: MetricId,
    change: MetricChange,
) -> Result<MetricView> {
    let mut work = app.begin(&on.actor).await?;
    let before = existing(&work.tx, &on.environment, id).await?;
    let users = users_for_update(&work, &on.environment, id).await?;
    let mut after = before.clone();
    after.name = change.name.unwrap_or(after.name);
    after.description = change.description.unwrap_or(after.description);
    after.aggregation = change.aggregation.unwrap_or(after.aggregation);
    after.direction = change.direction.unwrap_or(after.direction);
    if let Some(definition) = change.definition {
        after.definition = definition.into_value();
    }
    let measures_otherwise = after.aggregation != before.aggregation || after.definition != before.definition;
    if measures_otherwise {
        let checked = MetricDefinition::new(after.definition.clone())
            .and_then(|definition| definition.check(after.aggregation));
        checked.map_err(|complaint| Error::field("definition", complaint))?;
    }
    let is_running = users
        .iter()
        .any(|experiment| experiment.status == ExperimentStatus::Running);
    if measures_otherwise && is_running {
        return Err(Error::conflict(
            "Cannot change the definition or the aggregation of a metric while a running experiment uses it. \
             Pause or complete the experiment first.",
        ));
    }
    let entry = entry(&on.environment, &after, "updated", ChangeType::Update)
        .with("name", before.name.clone(), after.name.clone())
        .with(
            "description",
            before.description.clone(),
            after.description.clone(),
        )
        .with(
            "aggregation",
            before.aggregation.as_str(),
            after.aggregation.as_str(),
        )
        .with("direction", before.direction.as_str(), after.direction.as_str())
        .with("definition", before.definition.clone(), after.definition.clone());
    if !entry.details.is_empty() {
        after.updated_at = work.now;
        metrics::update(&work.tx, &after).await?;
        work.audit(entry).await?;
        work.commit().await?;
    }
    Ok(MetricView {
        metric: after,
        experiments: users,
    })
}
