//! Renames an experiment.

use super::{entry, find_for_update};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::audit::ChangeType;
use liftgate_model::experiment::Experiment;
use liftgate_model::{ExperimentId, FeatureId};
use liftgate_store::experiments;

/// Changes name and hypothesis; in every status. What is `None` stays; `feature` may be given if it is the one there is.
///
/// # Errors
/// `Invalid` when another feature is given.
pub async fn update(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    feature: Option<FeatureId>,
    name: Option<String>,
    hypothesis: Option<String>,
) -> Result<Experiment> {
    let mut work = app.begin(&on.actor).await?;
    let before = find_for_update(&work, &on.environment, id).await?;
    if feature.is_some_and(|feature| feature != before.feature) {
        return Err(Error::field(
            "feature",
            "Cannot change the feature of an existing experiment.",
        ));
    }
    let mut after = before.clone();
    after.name = name.unwrap_or(after.name);
    after.hypothesis = hypothesis.unwrap_or(after.hypothesis);
    if after.name == before.name && after.hypothesis == before.hypothesis {
        return Ok(before);
    }
    after.updated_at = work.now;
    experiments::update(&work.tx, &after).await?;
    let entry = entry(&on.environment, &after, "updated", ChangeType::Update)
        .with("name", before.name, after.name.clone())
        .with("hypothesis", before.hypothesis, after.hypothesis.clone());
    work.audit(entry).await?;
    work.commit().await?;
    Ok(after)
}
