//! Turns the versioning of an environment's flags on and off. What flags do, and who gets which variant, stays as it is.

use super::entry;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::flags::create_initial_version;
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{environments, feature_segments, feature_states, feature_versions, features};
use std::collections::HashMap;

/// Puts what every feature does now into a first published version.
///
/// # Errors
/// `Invalid` when the environment is versioned.
pub async fn enable_versioning(app: &App, on: &OnEnvironment<Admin>) -> Result<()> {
    let work = app.begin(&on.actor).await?;
    let environment = locked(&work, on).await?;
    if environment.use_v2_feature_versioning {
        return Err(Error::detail("Environment already using v2 versioning."));
    }
    let mut versions = HashMap::new();
    for feature in features::list_all(&work.tx, environment.project).await? {
        let version = create_initial_version(&work, &environment, &feature).await?;
        for link in feature_segments::list(&work.tx, environment.id, feature.id, None).await? {
            feature_segments::update_version(&work.tx, link.id, Some(version)).await?;
        }
        versions.insert(feature.id, version);
    }
    for state in feature_states::list(&work.tx, &StateFilter::live(&environment, work.now)).await? {
        if let Some(version) = versions.get(&state.feature) {
            feature_states::update_version(&work.tx, state.id, Some(*version)).await?;
        }
    }
    switch(work, environment, true).await
}

/// Takes what every feature does now out of its live version, and drops all versions with it.
///
/// # Errors
/// `Invalid` when the environment is not versioned.
pub async fn disable_versioning(app: &App, on: &OnEnvironment<Admin>) -> Result<()> {
    let work = app.begin(&on.actor).await?;
    let environment = locked(&work, on).await?;
    if !environment.use_v2_feature_versioning {
        return Err(Error::detail("Environment is not using v2 versioning."));
    }
    let live = feature_states::list_live_versions(&work.tx, environment.id, work.now).await?;
    let states = feature_states::list(&work.tx, &StateFilter::live(&environment, work.now)).await?;
    feature_states::delete_unversioned(&work.tx, environment.id, work.now).await?;
    for (feature, version) in live {
        for link in feature_segments::list(&work.tx, environment.id, feature, Some(version)).await? {
            feature_segments::update_version(&work.tx, link.id, None).await?;
        }
    }
    for state in states {
        feature_states::update_version(&work.tx, state.id, None).await?;
    }
    feature_versions::delete_all(&work.tx, environment.id).await?;
    switch(work, environment, false).await
}

async fn locked(work: &Work<'_>, on: &OnEnvironment<Admin>) -> Result<Environment> {
    let found = environments::find_for_update(&work.tx, on.environment.id).await?;
    found.ok_or_else(|| Error::missing("Environment"))
}

/// Notes the new mode and makes everything permanent.
async fn switch(mut work: Work<'_>, before: Environment, versioned: bool) -> Result<()> {
    let after = Environment {
        use_v2_feature_versioning: versioned,
        ..before
    };
    environments::update(&work.tx, &after).await?;
    let entry = entry(&after, "Environment updated", ChangeType::Update).with(
        "use_v2_feature_versioning",
        !versioned,
        versioned,
    );
    work.audit(entry).await?;
    work.commit().await
}
