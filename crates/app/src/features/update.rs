//! Changes what a feature is. Its name, initial value and default stay what they were made with.

use super::view::{self, FeatureView, Place};
use super::{Within, check_tags, load, updated};
use crate::App;
use crate::access::OnProject;
use crate::access::need::CreateFeature;
use crate::error::{Error, Invalid, Result};
use crate::flags::{ValueEdit, exceed_whole, lock};
use crate::options;
use crate::work::Work;
use liftgate_model::feature::{Feature, FeatureType, MultivariateOption};
use liftgate_model::{FeatureId, FlagValue, OptionId, TagId};
use liftgate_store::features;

/// What to change about a feature. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct FeatureChange {
    /// Standard or multivariate; a feature with options stays multivariate.
    pub kind: Option<FeatureType>,
    /// Free text.
    pub description: Option<Option<String>>,
    /// Archived or not.
    pub is_archived: Option<bool>,
    /// Whether client-side keys never see it.
    pub is_server_key_only: Option<bool>,
    /// All its tags.
    pub tags: Option<Vec<TagId>>,
    /// All its options; only project admins may change them.
    pub options: Option<Vec<FeatureOption>>,
}

/// An option of a feature as it is to be.
#[derive(Debug, Clone)]
pub struct FeatureOption {
    /// The option there is; without one, or with one of another feature, it is new.
    pub id: Option<OptionId>,
    /// The value.
    pub value: ValueEdit,
    /// The share its states start from, 0 to 100; new options start with 100.
    pub default_percentage_allocation: Option<f64>,
}

/// Changes a feature.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Forbidden` when options are given and the caller does not administer
/// the project; `Invalid` by field; `Conflict` when what is served would change while an experiment runs on the feature,
/// where that locks it.
pub async fn update(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    change: FeatureChange,
    within: Within,
) -> Result<FeatureView> {
    let mut work = app.begin(&on.actor).await?;
    features::lock(&work.tx, id).await?;
    let before = load(&work.tx, on.project.id, id).await?;
    let tags = match change.tags {
        Some(tags) => check_tags(&work.tx, on.project.id, tags).await?,
        None => before.tags.clone(),
    };
    let mut after = Feature {
        kind: change.kind.unwrap_or(before.kind),
        description: change.description.unwrap_or_else(|| before.description.clone()),
        is_archived: change.is_archived.unwrap_or(before.is_archived),
        is_server_key_only: change.is_server_key_only.unwrap_or(before.is_server_key_only),
        tags,
        ..before.clone()
    };
    let mut all = liftgate_store::options::list(&work.tx, id).await?;
    if let Some(wanted) = change.options
        && !(wanted.is_empty() && all.is_empty())
    {
        if !on.grants.is_admin {
            return Err(options::admins_only());
        }
        all = sync(&mut work, &before, all, wanted).await?;
        if all.is_empty() && change.kind.is_none() {
            after.kind = FeatureType::Standard;
        }
    }
    if !all.is_empty() {
        after.kind = FeatureType::Multivariate;
    }
    let entry = updated(&after)
        .with("type", before.kind.as_str(), after.kind.as_str())
        .with(
            "description",
            before.description.clone(),
            after.description.clone(),
        )
        .with("is_archived", before.is_archived, after.is_archived)
        .with(
            "is_server_key_only",
            before.is_server_key_only,
            after.is_server_key_only,
        )
        .with("tags", ids(&before.tags), ids(&after.tags));
    let serves_otherwise =
        before.is_archived != after.is_archived || before.is_server_key_only != after.is_server_key_only;
    if serves_otherwise {
        lock::guard_everywhere(&mut work, &before).await?;
    }
    if !entry.details.is_empty() {
        features::update(&work.tx, &after).await?;
        work.audit(entry).await?;
    }
    let place = Place::of(&work.tx, &on.project, within, work.now).await?;
    let shown = view::one(&work.tx, after, place.as_ref()).await?;
    work.commit().await?;
    Ok(shown)
}

fn ids(tags: &[TagId]) -> Vec<i32> {
    tags.iter().map(|tag| tag.0).collect()
}

/// Makes the options of a feature those that are wanted; answers them.
async fn sync(
    work: &mut Work<'_>,
    feature: &Feature,
    there: Vec<MultivariateOption>,
    wanted: Vec<FeatureOption>,
) -> Result<Vec<MultivariateOption>> {
    let find = |id: Option<OptionId>| there.iter().find(|option| Some(option.id) == id);
    let share = |option: &FeatureOption| {
        let stored = find(option.id).map(|there| there.default_percentage_allocation);
        option.default_percentage_allocation.or(stored).unwrap_or(100.0)
    };
    let too_much = || Error::field("multivariate_options", options::TOO_MUCH);
    if exceed_whole(wanted.iter().map(share)) {
        return Err(too_much());
    }
    for option in &there {
        if !wanted.iter().any(|wanted| wanted.id == Some(option.id)) {
            options::remove(work, feature, option.id).await?;
        }
    }
    for option in wanted {
        let default_percentage_allocation = share(&option);
        if let Some(stored) = find(option.id) {
            let after = MultivariateOption {
                value: option.value.over(&stored.value),
                default_percentage_allocation,
                ..stored.clone()
            };
            options::store(work, feature, stored, &after).await?;
        } else {
            let new = MultivariateOption {
                id: OptionId(0),
                uuid: work.uuid(),
                feature: feature.id,
                key: None,
                value: option.value.over(&FlagValue::Null),
                default_percentage_allocation,
            };
            options::add(work, feature, &new)
                .await
                .map_err(|error| match error {
                    Error::Invalid(Invalid::Fields(_)) => too_much(),
                    other => other,
                })?;
        }
    }
    Ok(liftgate_store::options::list(&work.tx, feature.id).await?)
}
