//! Gives a new option its share in every environment default (contract, admin API, section 4.3).

use super::TOO_MUCH;
use crate::error::{Error, Result};
use crate::flags::exceed_whole;
use crate::work::Work;
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_model::feature_state::FeatureVersion;
use liftgate_model::{EnvironmentId, Timestamp};
use liftgate_store::{experiments, feature_states, feature_versions, options};
use std::collections::HashSet;
use uuid::Uuid;

/// Adds the share to every default, after the shares there are.
///
/// Where the rollout of an experiment holds the default, everybody outside of its cohort gets control: the share is 0 and
/// joins those the default gets back afterwards. Versions that were superseded are history: one without room for the
/// share gets 0.
///
/// # Errors
/// `Invalid` when a default that is or may come into force has no room for the share.
pub(super) async fn spread(
    work: &mut Work<'_>,
    feature: &Feature,
    option: &MultivariateOption,
) -> Result<()> {
    let share = option.default_percentage_allocation;
    let too_much = || Error::field("default_percentage_allocation", TOO_MUCH);
    let held = hold(work, feature, option).await?;
    let past = superseded(
        &feature_versions::list_of_feature(&work.tx, feature.id).await?,
        work.now,
    );
    let defaults = feature_states::list_default_ids(&work.tx, feature.id).await?;
    let ids: Vec<_> = defaults.iter().map(|(id, ..)| *id).collect();
    let sums = feature_states::sum_allocations(&work.tx, &ids).await?;
    for (id, environment, version) in defaults {
        let sum = sums.get(&id).copied().unwrap_or_default();
        let has_room = !exceed_whole([sum, share].into_iter());
        let is_past = version.is_some_and(|version| past.contains(&version));
        let share = match (held.contains(&environment), has_room, is_past) {
            (true, ..) | (false, false, true) => 0.0,
            (false, true, _) => share,
            (false, false, false) => return Err(too_much()),
        };
        feature_states::put_allocations(&work.tx, id, [(work.uuid(), option.id, share)]).await?;
        work.changes(environment);
    }
    Ok(())
}

/// The environments whose default an experiment holds; the share joins those it gives back.
async fn hold(
    work: &Work<'_>,
    feature: &Feature,
    option: &MultivariateOption,
) -> Result<HashSet<EnvironmentId>> {
    let known = options::list(&work.tx, feature.id).await?;
    let mut held = HashSet::new();
    let all = experiments::list_of_feature(&work.tx, feature.id).await?;
    for mut experiment in all
        .into_iter()
        .filter(|experiment| experiment.rollout_segment.is_some())
    {
        experiment
            .saved_allocations
            .retain(|(saved, _)| known.iter().any(|option| option.id == *saved));
        experiment
            .saved_allocations
            .push((option.id, option.default_percentage_allocation));
        if exceed_whole(experiment.saved_allocations.iter().map(|(_, share)| *share)) {
            return Err(Error::field("default_percentage_allocation", TOO_MUCH));
        }
        experiments::update(&work.tx, &experiment).await?;
        held.insert(experiment.environment);
    }
    Ok(held)
}

/// The versions that were in force and are not any more. Versions come in the order they were made.
fn superseded(versions: &[FeatureVersion], now: Timestamp) -> HashSet<Uuid> {
    let is_past = |version: &&FeatureVersion| {
        version.is_live(now)
            && versions.iter().rev().any(|newer| {
                newer.environment == version.environment
                    && newer.uuid != version.uuid
                    && newer.is_live(now)
                    && newer.live_from > version.live_from
            })
    };
    versions
        .iter()
        .filter(is_past)
        .map(|version| version.uuid)
        .collect()
}
