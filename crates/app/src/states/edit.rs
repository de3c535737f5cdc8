//! Changes a state by its id.

use super::open_in_place;
use crate::App;
use crate::access::need::{ManageSegmentOverrides, UpdateFeatureState};
use crate::access::{OnEnvironment, Refusal};
use crate::error::{Error, Result};
use crate::flags::{Change, Shares, ValueEdit, check_whole, columns, identity_overrides};
use crate::work::Work;
use liftgate_model::account::Actor;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::{EnvironmentId, FeatureId, FeatureStateId, OptionId};
use liftgate_store::{environments, feature_states, features, segments};

/// What to change about a state. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct StateEdit {
    /// The feature as the body names it: the one there is.
    pub feature: Option<FeatureId>,
    /// The environment as the body names it: the one there is.
    pub environment: Option<EnvironmentId>,
    /// On or off.
    pub enabled: Option<bool>,
    /// The value.
    pub value: ValueEdit,
    /// All shares of the options.
    pub shares: Option<Vec<(OptionId, f64)>>,
}

/// A state that the caller may change, with its environment.
///
/// # Errors
/// `NotFound` when there is none in an environment where the caller has anything; `Forbidden` when they may not write segment overrides,
/// or other states, in its environment.
pub async fn find_writable(
    app: &App,
    actor: &Actor,
    id: FeatureStateId,
) -> Result<(FeatureState, Environment)> {
    let missing = || Error::missing("FeatureState");
    let reader = app.store.reader();
    let state = feature_states::find(&reader, id).await?.ok_or_else(missing)?;
    let environment = environments::find(&reader, state.environment).await?;
    let environment = environment.ok_or_else(missing)?;
    // Who has nothing there is not told that there is something.
    app.access()
        .environment_permissions(actor, &environment.api_key)
        .await
        .map_err(|error| error.as_missing("FeatureState"))?;
    let is_override = matches!(state.line, Line::Segment(_));
    let environment = writable(app, actor, state.environment, is_override).await?;
    Ok((state, environment))
}

/// Changes the state with that id, wherever it is.
///
/// # Errors
/// As [`find_writable`]; `Invalid` when it is published in a versioned environment, or the change cannot be.
pub async fn update(app: &App, actor: &Actor, id: FeatureStateId, edit: StateEdit) -> Result<FeatureState> {
    let (named, environment) = find_writable(app, actor, id).await?;
    let mut work = app.begin(actor).await?;
    features::lock(&work.tx, named.feature).await?;
    let found = feature_states::find(&work.tx, id).await?;
    let state = found.ok_or_else(|| Error::missing("FeatureState"))?;
    edit.check(&state)?;
    let said = edit.value.clone();
    let change = Change {
        enabled: edit.enabled,
        value: edit.value.change(&state.value, &state.leftovers),
        shares: edit.shares.map(Shares::Replace),
    };
    let state = apply(&mut work, &environment, &state, change).await?;
    let state = columns::keep(&work.tx, state, &said).await?;
    work.commit().await?;
    Ok(state)
}

impl StateEdit {
    /// Refuses to move a state, and shares that are more than the whole.
    pub(super) fn check(&self, state: &FeatureState) -> Result<()> {
        check_place(state, self.feature, self.environment)?;
        check_whole(self.shares.as_deref().unwrap_or_default())
    }
}

/// Refuses to move a state to another feature or environment.
pub(super) fn check_place(
    state: &FeatureState,
    feature: Option<FeatureId>,
    environment: Option<EnvironmentId>,
) -> Result<()> {
    if feature.is_some_and(|feature| feature != state.feature) {
        return Err(Error::field(
            "feature",
            "Cannot change the feature of a feature state",
        ));
    }
    if environment.is_some_and(|environment| environment != state.environment) {
        return Err(Error::field(
            "environment",
            "Cannot change the environment of a feature state",
        ));
    }
    Ok(())
}

/// Applies a change to a state in place, whoever it is for.
pub(super) async fn apply(
    work: &mut Work<'_>,
    environment: &Environment,
    state: &FeatureState,
    change: Change,
) -> Result<FeatureState> {
    if let Line::Identity(id) = state.line {
        let identity = identity_overrides::find_identity(&work.tx, environment, id).await?;
        return identity_overrides::update_in(work, &identity, state, change).await;
    }
    let feature = feature_of(work, state).await?;
    let segment = match state.line {
        Line::Segment(id) => segments::find(&work.tx, feature.project, id).await?,
        _ => None,
    };
    let mut editor = open_in_place(work, environment, &feature, state.version).await?;
    match &segment {
        Some(segment) => editor.change_override(segment, change).await?,
        None => editor.change_default(change).await?,
    }
    let after = editor.find(state.line).cloned();
    after.ok_or_else(|| Error::missing("FeatureState"))
}

/// The feature of a state.
pub(super) async fn feature_of(work: &Work<'_>, state: &FeatureState) -> Result<Feature> {
    let found = features::find_by_id(&work.tx, state.feature).await?;
    found.ok_or_else(|| Error::missing("Feature"))
}

/// The environment with that id, in which the caller may write segment overrides, or other states.
pub(super) async fn writable(
    app: &App,
    actor: &Actor,
    id: EnvironmentId,
    is_override: bool,
) -> Result<Environment> {
    let access = app.access();
    if is_override {
        let on: OnEnvironment<ManageSegmentOverrides> =
            access.environment_by_id(actor, id, Refusal::Forbid).await?;
        return Ok(on.environment);
    }
    let on: OnEnvironment<UpdateFeatureState> = access.environment_by_id(actor, id, Refusal::Forbid).await?;
    Ok(on.environment)
}
