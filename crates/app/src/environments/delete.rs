//! Deletes environments.

use super::entry;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::Result;
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_store::{environments, experiments};

/// Deletes an environment: its keys are refused from now on.
pub async fn delete(app: &App, on: &OnEnvironment<Admin>) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    remove(&mut work, &on.environment).await?;
    work.commit().await
}

/// Soft-deletes an environment inside a unit of work, with its experiments, which the jobs would go on with.
pub(crate) async fn remove(work: &mut Work<'_>, environment: &Environment) -> Result<()> {
    for experiment in experiments::list_all(&work.tx, environment.id).await? {
        experiments::delete(&work.tx, experiment.id, work.now).await?;
    }
    environments::delete(&work.tx, environment.id, work.now).await?;
    work.removes(environment.id);
    work.audit(entry(environment, "Environment deleted", ChangeType::Delete))
        .await
}
