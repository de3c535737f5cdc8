//! What the flags are for one identity, and the copying of overrides from one identity to another.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::UpdateFeatureState;
use crate::error::{Error, Result};
use crate::flags::identity_overrides::{self as overrides, NewOverride};
use crate::flags::{Change, Shares};
use liftgate_delivery::EnvironmentData;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::{FlagValue, IdentityId, SegmentId};
use liftgate_store::{features, identities};

/// A flag as one identity gets it.
#[derive(Debug, Clone)]
pub struct IdentityFlag {
    /// The feature.
    pub feature: Feature,
    /// On or off.
    pub enabled: bool,
    /// The value, of the variant the identity is in.
    pub value: FlagValue,
    /// Why it is not the environment's default.
    pub overridden_by: Option<OverriddenBy>,
    /// The options of the state that won, by value, with their shares, in the order they are walked in.
    pub variants: Vec<(FlagValue, f64)>,
}

/// What a flag is overridden by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverriddenBy {
    /// An override of the identity itself.
    Identity,
    /// The override of a segment it is in.
    Segment {
        /// The segment's id.
        id: SegmentId,
        /// Its name.
        name: String,
    },
}

/// Every flag as an identity gets it with its stored traits, by feature; disabled ones are left out where the
/// environment hides them.
///
/// # Errors
/// `NotFound` when the environment has no such identity.
pub async fn effective<N>(
    app: &App,
    on: &OnEnvironment<N>,
    identity: IdentityId,
) -> Result<Vec<IdentityFlag>> {
    let reader = app.store.reader();
    let identity = overrides::find_identity(&reader, &on.environment, identity).await?;
    let traits = identities::list_traits(&reader, identity.id).await?;
    let data = app.environment_data(&reader, on.environment.clone()).await?;
    let data = data.ok_or_else(|| Error::missing("Environment"))?;
    let inspection = liftgate_delivery::inspect(&data, &identity.identifier, &traits);
    let flags = inspection.flags.into_iter().map(|flag| IdentityFlag {
        enabled: flag.state.enabled,
        value: flag.value.clone(),
        overridden_by: overridden_by(&data, flag.state),
        variants: variants(&data, flag.state),
        feature: flag.feature.clone(),
    });
    Ok(flags.collect())
}

/// Makes the overrides of an identity those of another: what both have is changed, the rest added or removed.
///
/// # Errors
/// `NotFound` when one of them is not of the environment.
pub async fn copy_overrides(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    target: IdentityId,
    source: IdentityId,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let environment = &on.environment;
    let target = overrides::find_identity(&work.tx, environment, target).await?;
    let source = overrides::find_identity(&work.tx, environment, source).await?;
    let mut old = overrides::of(&work.tx, environment, target.id).await?;
    for state in overrides::of(&work.tx, environment, source.id).await? {
        let shares: Vec<_> = (state.allocations.iter())
            .map(|share| (share.option, share.percentage))
            .collect();
        let there = old.iter().position(|old| old.feature == state.feature);
        if let Some(place) = there {
            let change = Change {
                enabled: Some(state.enabled),
                value: Some(state.value),
                shares: Some(Shares::Replace(shares)),
            };
            overrides::update_in(&mut work, &target, &old.swap_remove(place), change).await?;
            continue;
        }
        let Some(feature) = features::find_by_id(&work.tx, state.feature).await? else {
            continue;
        };
        let new = NewOverride {
            feature: feature.id,
            enabled: state.enabled,
            value: Some(state.value),
            shares,
        };
        overrides::create_in(&mut work, environment, &feature, &target, new).await?;
    }
    for state in old {
        overrides::delete_in(&mut work, &target, &state).await?;
    }
    work.commit().await
}

fn overridden_by(data: &EnvironmentData, state: &FeatureState) -> Option<OverriddenBy> {
    match state.line {
        Line::Default => None,
        Line::Identity(_) => Some(OverriddenBy::Identity),
        Line::Segment(id) => {
            let segment = data.segments.iter().find(|segment| segment.id == id);
            let name = segment.map(|segment| segment.name.clone()).unwrap_or_default();
            Some(OverriddenBy::Segment { id, name })
        }
    }
}

fn variants(data: &EnvironmentData, state: &FeatureState) -> Vec<(FlagValue, f64)> {
    let options = data.options.get(&state.feature).map_or(&[][..], Vec::as_slice);
    let shares = state.allocations.iter().filter_map(|share| {
        let option = options.iter().find(|option| option.id == share.option)?;
        Some((option.value.clone(), share.percentage))
    });
    shares.collect()
}
