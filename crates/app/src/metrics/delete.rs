//! Removes a metric.

use super::{entry, existing, users_for_update};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::MetricId;
use liftgate_model::audit::ChangeType;
use liftgate_model::experiment::ExperimentStatus;
use liftgate_store::metrics;

/// Deletes a metric. Completed experiments no longer show it; their results keep what they found.
///
/// # Errors
/// `NotFound`; `Conflict` while an experiment that is not completed uses it.
pub async fn delete(app: &App, on: &OnEnvironment<Admin>, id: MetricId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let metric = existing(&work.tx, &on.environment, id).await?;
    let users = users_for_update(&work, &on.environment, id).await?;
    if users
        .iter()
        .any(|experiment| experiment.status != ExperimentStatus::Completed)
    {
        return Err(Error::conflict(
            "Cannot delete a metric attached to an active experiment. Detach it or complete the experiment first.",
        ));
    }
    metrics::delete(&work.tx, id, work.now).await?;
    work.audit(entry(&on.environment, &metric, "deleted", ChangeType::Delete))
        .await?;
    work.commit().await
}
