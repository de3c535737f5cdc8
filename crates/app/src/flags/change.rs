//! What can change about one state, whoever it is for.

use super::wording::Subject;
use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::FeatureState;
use liftgate_model::{EnvironmentId, FlagValue, OptionId};
use liftgate_store::{Conn, feature_states, options};
use serde_json::{Value, json};

/// What to change about a state. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// On or off.
    pub enabled: Option<bool>,
    /// The value.
    pub value: Option<FlagValue>,
    /// The shares of the options.
    pub shares: Option<Shares>,
}

/// How given shares meet those there are.
#[derive(Debug, Clone, PartialEq)]
pub enum Shares {
    /// Options not named keep theirs.
    Merge(Vec<(OptionId, f64)>),
    /// Options not named lose theirs.
    Replace(Vec<(OptionId, f64)>),
}

/// The share of one option, before and after; `None` where there is none.
struct Moved {
    option: OptionId,
    old: Option<f64>,
    new: Option<f64>,
}

/// Applies a change to a state; answers the audit records of the parts that differ.
///
/// # Errors
/// `Invalid` when the shares name a foreign option, name one twice, or sum to more than the whole.
pub(super) async fn apply(
    work: &mut Work<'_>,
    feature: &Feature,
    state: &FeatureState,
    change: Change,
    subject: &Subject<'_>,
) -> Result<Vec<Entry>> {
    let enabled = change.enabled.unwrap_or(state.enabled);
    let value = change.value.unwrap_or_else(|| state.value.clone());
    let name = &feature.name;
    let entry = |log| entry(feature, state.environment, log, ChangeType::Update);
    let mut entries = Vec::new();
    if enabled != state.enabled || value != state.value {
        feature_states::update(&work.tx, state.id, enabled, &value, work.now).await?;
    }
    if value != state.value {
        entries.push(entry(subject.value_changed(name)).with(
            "value",
            state.value.to_json(),
            value.to_json(),
        ));
    }
    if enabled != state.enabled {
        entries.push(entry(subject.switched(name)).with("enabled", state.enabled, enabled));
    }
    if let Some(shares) = change.shares {
        for moved in move_shares(work, feature, state, shares).await? {
            let detail = |share| share_detail(moved.option, share);
            entries.push(entry(subject.shares_changed(name)).with(
                "percentage_allocation",
                detail(moved.old),
                detail(moved.new),
            ));
        }
    }
    Ok(entries)
}

/// The audit record of something that happened to what a feature does in an environment.
pub(super) fn entry(feature: &Feature, environment: EnvironmentId, log: String, change: ChangeType) -> Entry {
    Entry::in_environment(
        log,
        feature.project,
        environment,
        RelatedObject::FeatureState,
        feature.id.0,
        change,
    )
}

/// Refuses shares that are no partition: options of other features, options twice, more than the whole.
///
/// # Errors
/// `Invalid` in the words of the contract.
pub(super) async fn check_shares(
    conn: &impl Conn,
    feature: &Feature,
    shares: &[(OptionId, f64)],
) -> Result<()> {
    if shares.is_empty() {
        return Ok(());
    }
    let mut named: Vec<i32> = shares.iter().map(|(option, _)| option.0).collect();
    named.sort_unstable();
    if named.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::list("Multivariate options must be unique"));
    }
    let known = options::list(conn, feature.id).await?;
    named.retain(|id| !known.iter().any(|option| option.id.0 == *id));
    if !named.is_empty() {
        return Err(Error::list(format!(
            "Multivariate options {named:?} do not belong to the feature"
        )));
    }
    check_total(shares.iter().map(|(_, share)| *share))
}

/// Whether shares sum to more than the whole. Thirds written with a few digits may pass by rounding.
pub(crate) fn exceed_whole(shares: impl Iterator<Item = f64>) -> bool {
    shares.sum::<f64>() > 100.0 + 1e-9
}

/// Refuses shares of one body that sum to more than the whole, in the words of the endpoints of feature states.
pub(crate) fn check_whole(shares: &[(OptionId, f64)]) -> Result<()> {
    if exceed_whole(shares.iter().map(|(_, share)| *share)) {
        return Err(Error::non_field("Multivariate percentage values exceed 100%."));
    }
    Ok(())
}

fn check_total(shares: impl Iterator<Item = f64> + Clone) -> Result<()> {
    if exceed_whole(shares.clone()) {
        return Err(Error::list(format!(
            "Multivariate allocations for the feature state must not exceed 100%, got {:?}%.",
            shares.sum::<f64>()
        )));
    }
    Ok(())
}

/// Stores shares; answers those that differ.
async fn move_shares(
    work: &mut Work<'_>,
    feature: &Feature,
    state: &FeatureState,
    shares: Shares,
) -> Result<Vec<Moved>> {
    let old = |option: OptionId| {
        let share = state.allocations.iter().find(|share| share.option == option);
        share.map(|share| share.percentage)
    };
    let (given, kept) = match shares {
        Shares::Merge(given) => (given, true),
        Shares::Replace(given) => (given, false),
    };
    check_shares(&work.tx, feature, &given).await?;
    let unnamed = state
        .allocations
        .iter()
        .filter(|share| !given.iter().any(|(option, _)| *option == share.option));
    let mut removed = Vec::new();
    if kept {
        let all = given.iter().map(|(_, share)| *share);
        check_total(all.chain(unnamed.map(|share| share.percentage)))?;
    } else {
        removed.extend(unnamed.map(|share| share.option));
    }
    let mut moved: Vec<Moved> = given
        .into_iter()
        .filter(|(option, share)| old(*option) != Some(*share))
        .map(|(option, share)| Moved {
            option,
            old: old(option),
            new: Some(share),
        })
        .collect();
    let rows: Vec<_> = moved
        .iter()
        .filter_map(|share| Some((work.uuid(), share.option, share.new?)))
        .collect();
    feature_states::put_allocations(&work.tx, state.id, rows).await?;
    if !removed.is_empty() {
        feature_states::delete_allocations(&work.tx, state.id, &removed).await?;
    }
    moved.extend(removed.into_iter().map(|option| Moved {
        option,
        old: old(option),
        new: None,
    }));
    Ok(moved)
}

/// A share for the details of an audit record.
fn share_detail(option: OptionId, percentage: Option<f64>) -> Value {
    percentage.map_or(
        Value::Null,
        |share| json!({"multivariate_feature_option": option.0, "percentage_allocation": share}),
    )
}
