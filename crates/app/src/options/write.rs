//! Makes, changes and removes options.

use super::spread::spread;
use super::{TOO_MUCH, added};
use crate::App;
use crate::access::OnProject;
use crate::access::need::CreateFeature;
use crate::error::{Error, Result};
use crate::features::{entry, load, updated};
use crate::flags::{ValueEdit, exceed_whole, lock};
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::feature::{Feature, FeatureType, MultivariateOption};
use liftgate_model::{FeatureId, FlagValue, OptionId};
use liftgate_store::{features, options};

/// The name of the control value; no option may be called so.
const CONTROL: &str = "control";

/// An option as it is asked for.
#[derive(Debug, Clone)]
pub struct NewOption {
    /// The feature as the body names it: the one of the path.
    pub feature: FeatureId,
    /// The name of the variant, unique in the feature.
    pub key: Option<String>,
    /// The value.
    pub value: ValueEdit,
    /// The share every environment starts from, 0 to 100.
    pub default_percentage_allocation: f64,
}

/// What to change about an option. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OptionChange {
    /// The feature as the body names it: the one there is.
    pub feature: Option<FeatureId>,
    /// The name of the variant, unique in the feature.
    pub key: Option<Option<String>>,
    /// The value.
    pub value: ValueEdit,
    /// The share new environments start from, 0 to 100.
    pub default_percentage_allocation: Option<f64>,
}

/// Makes an option. The feature becomes multivariate, and every environment default gets a share for it.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Invalid` when the shares would exceed the whole in the feature or in
/// an environment, or the key cannot be.
pub async fn create(
    app: &App,
    on: &OnProject<CreateFeature>,
    feature: FeatureId,
    new: NewOption,
) -> Result<MultivariateOption> {
    let mut work = app.begin(&on.actor).await?;
    let feature = load(&work.tx, on.project.id, feature).await?;
    features::lock(&work.tx, feature.id).await?;
    if new.feature != feature.id {
        return Err(Error::unknown_pk("feature", new.feature.0));
    }
    let option = MultivariateOption {
        id: OptionId(0),
        uuid: work.uuid(),
        feature: feature.id,
        key: new.key,
        value: new.value.over(&FlagValue::Null),
        default_percentage_allocation: new.default_percentage_allocation,
    };
    check(&work, &option).await?;
    let option = add(&mut work, &feature, &option).await?;
    turn(&mut work, feature, FeatureType::Multivariate).await?;
    work.commit().await?;
    Ok(option)
}

/// Changes an option, for every environment at once.
///
/// # Errors
/// As [`create`], and `NotFound` when the feature has no such option.
pub async fn update(
    app: &App,
    on: &OnProject<CreateFeature>,
    feature: FeatureId,
    id: OptionId,
    change: OptionChange,
) -> Result<MultivariateOption> {
    let mut work = app.begin(&on.actor).await?;
    let feature = load(&work.tx, on.project.id, feature).await?;
    features::lock(&work.tx, feature.id).await?;
    let found = options::find(&work.tx, feature.id, id).await?;
    let before = found.ok_or_else(|| Error::missing("MultivariateFeatureOption"))?;
    if let Some(other) = change.feature.filter(|other| *other != feature.id) {
        return Err(Error::unknown_pk("feature", other.0));
    }
    let after = MultivariateOption {
        key: change.key.unwrap_or_else(|| before.key.clone()),
        value: change.value.over(&before.value),
        default_percentage_allocation: change
            .default_percentage_allocation
            .unwrap_or(before.default_percentage_allocation),
        ..before.clone()
    };
    check(&work, &after).await?;
    store(&mut work, &feature, &before, &after).await?;
    work.changes_project(feature.project).await?;
    work.commit().await?;
    Ok(after)
}

/// Removes an option and its shares everywhere, also in segment overrides and running experiments. With the last one
/// the feature becomes standard.
///
/// # Errors
/// `NotFound` when the project has no such feature, or the feature no such option.
pub async fn delete(
    app: &App,
    on: &OnProject<CreateFeature>,
    feature: FeatureId,
    id: OptionId,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let feature = load(&work.tx, on.project.id, feature).await?;
    features::lock(&work.tx, feature.id).await?;
    if options::find(&work.tx, feature.id, id).await?.is_none() {
        return Err(Error::missing("MultivariateFeatureOption"));
    }
    remove(&mut work, &feature, id).await?;
    if options::list(&work.tx, feature.id).await?.is_empty() {
        turn(&mut work, feature, FeatureType::Standard).await?;
    }
    work.commit().await
}

/// Makes an option inside a unit of work, with its share in every environment default.
///
/// # Errors
/// `Invalid` when an environment has no room for the share; `Conflict` while an experiment runs on the feature, where that
/// locks it.
pub(crate) async fn add(
    work: &mut Work<'_>,
    feature: &Feature,
    option: &MultivariateOption,
) -> Result<MultivariateOption> {
    lock::guard_everywhere(work, feature).await?;
    let option = match options::create(&work.tx, option).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(key_taken()),
        other => other?,
    };
    spread(work, feature, &option).await?;
    work.audit(added(feature)).await?;
    Ok(option)
}

/// Stores what changed about an option inside a unit of work.
pub(crate) async fn store(
    work: &mut Work<'_>,
    feature: &Feature,
    before: &MultivariateOption,
    after: &MultivariateOption,
) -> Result<()> {
    let same = before.key == after.key
        && before.value == after.value
        && before.default_percentage_allocation.to_bits() == after.default_percentage_allocation.to_bits();
    if same {
        return Ok(());
    }
    lock::guard_everywhere(work, feature).await?;
    match options::update(&work.tx, after).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(key_taken()),
        other => other?,
    }
    work.changes_project(feature.project).await
}

/// Removes an option inside a unit of work.
pub(crate) async fn remove(work: &mut Work<'_>, feature: &Feature, id: OptionId) -> Result<()> {
    lock::guard_everywhere(work, feature).await?;
    options::delete(&work.tx, id).await?;
    let log = format!("Multivariate option removed from feature '{}'.", feature.name);
    work.audit(entry(feature, log, ChangeType::Delete)).await
}

/// Refuses an option that cannot stand beside the others of its feature.
async fn check(work: &Work<'_>, option: &MultivariateOption) -> Result<()> {
    if option.key.as_deref() == Some(CONTROL) {
        return Err(Error::field("key", "\"control\" is a reserved variant key."));
    }
    let mut siblings = options::list(&work.tx, option.feature).await?;
    siblings.retain(|sibling| sibling.id != option.id);
    let shares = siblings
        .iter()
        .map(|sibling| sibling.default_percentage_allocation);
    if exceed_whole(shares.chain([option.default_percentage_allocation])) {
        return Err(Error::field("default_percentage_allocation", TOO_MUCH));
    }
    if option.key.is_some() && siblings.iter().any(|sibling| sibling.key == option.key) {
        return Err(key_taken());
    }
    Ok(())
}

fn key_taken() -> Error {
    Error::field(
        "key",
        "Multivariate option with this key already exists for the feature.",
    )
}

/// Makes a feature standard or multivariate, if it is not.
async fn turn(work: &mut Work<'_>, before: Feature, kind: FeatureType) -> Result<()> {
    if before.kind == kind {
        return Ok(());
    }
    let after = Feature {
        kind,
        ..before.clone()
    };
    features::update(&work.tx, &after).await?;
    let entry = updated(&after).with("type", before.kind.as_str(), kind.as_str());
    work.audit(entry).await
}
