//! Overrides of a flag for one identity. They belong to no version: in both modes they are edited in place
//! (contract, admin API, sections 4.4, 4.5 and 6.1).

use super::change::{self, Change, Shares, check_whole};
use super::wording::Subject;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::UpdateFeatureState;
use crate::error::{Error, Result};
use crate::work::Work;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::identity::Identity;
use liftgate_model::{FeatureId, FeatureStateId, FlagValue, IdentityId, OptionId};
use liftgate_store::feature_states::{NewState, StateFilter};
use liftgate_store::{Conn, feature_states, features, identities};

/// An override as it is asked for.
#[derive(Debug, Clone)]
pub struct NewOverride {
    /// A feature of the environment's project.
    pub feature: FeatureId,
    /// On or off.
    pub enabled: bool,
    /// The value; `None` starts from the feature's initial value.
    pub value: Option<FlagValue>,
    /// The shares of the options, each option once; with none, the identity gets the value.
    pub shares: Vec<(OptionId, f64)>,
}

/// The overrides of an identity, by id.
///
/// # Errors
/// `NotFound` when the environment has no such identity.
pub async fn list<N>(
    app: &App,
    on: &OnEnvironment<N>,
    identity: IdentityId,
) -> Result<(Identity, Vec<FeatureState>)> {
    let reader = app.store.reader();
    let identity = find_identity(&reader, &on.environment, identity).await?;
    let states = of(&reader, &on.environment, identity.id).await?;
    Ok((identity, states))
}

/// One override of an identity.
///
/// # Errors
/// `NotFound` when there is no such identity, or no such override of it.
pub async fn find<N>(
    app: &App,
    on: &OnEnvironment<N>,
    identity: IdentityId,
    id: FeatureStateId,
) -> Result<FeatureState> {
    let (_, states) = list(app, on, identity).await?;
    pick(states, id)
}

/// Makes an override.
///
/// # Errors
/// `NotFound` when there is no such identity; `Invalid` when the feature is not one of the project, has an override
/// already, or the shares are no partition.
pub async fn create(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    identity: IdentityId,
    new: NewOverride,
) -> Result<FeatureState> {
    check_whole(&new.shares)?;
    let mut work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, identity).await?;
    let feature = features::find(&work.tx, on.environment.project, new.feature).await?;
    let feature = feature.ok_or_else(|| Error::unknown_pk("feature", new.feature.0))?;
    let state = create_in(&mut work, &on.environment, &feature, &identity, new).await?;
    work.commit().await?;
    Ok(state)
}

/// Changes an override.
///
/// # Errors
/// `NotFound` when there is no such identity, or no such override of it; `Invalid` when the shares are no partition.
pub async fn update(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    identity: IdentityId,
    id: FeatureStateId,
    change: Change,
) -> Result<FeatureState> {
    if let Some(Shares::Replace(shares)) = &change.shares {
        check_whole(shares)?;
    }
    let mut work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, identity).await?;
    let state = pick(of(&work.tx, &on.environment, identity.id).await?, id)?;
    let state = update_in(&mut work, &identity, &state, change).await?;
    work.commit().await?;
    Ok(state)
}

/// Removes an override.
///
/// # Errors
/// `NotFound` when there is no such identity, or no such override of it.
pub async fn delete(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    identity: IdentityId,
    id: FeatureStateId,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, identity).await?;
    let state = pick(of(&work.tx, &on.environment, identity.id).await?, id)?;
    delete_in(&mut work, &identity, &state).await?;
    work.commit().await
}

/// Makes an override inside a unit of work. `new.feature` is the id of `feature`.
pub(crate) async fn create_in(
    work: &mut Work<'_>,
    environment: &Environment,
    feature: &Feature,
    identity: &Identity,
    new: NewOverride,
) -> Result<FeatureState> {
    features::lock(&work.tx, feature.id).await?;
    let there = of(&work.tx, environment, identity.id).await?;
    if there.iter().any(|state| state.feature == feature.id) {
        return Err(Error::list(super::ALREADY_THERE));
    }
    change::check_shares(&work.tx, feature, &new.shares).await?;
    let initial = FlagValue::from_initial(feature.initial_value.as_deref());
    let value = new.value.unwrap_or_else(|| initial.clone());
    let state = NewState {
        uuid: work.uuid(),
        feature: feature.id,
        environment: environment.id,
        line: Line::Identity(identity.id),
        feature_segment: None,
        enabled: new.enabled,
        value: value.clone(),
        leftovers: initial.clone().into(),
        version: None,
        salt: None,
    };
    let id = feature_states::create(&work.tx, &state, work.now).await?;
    let rows: Vec<_> = new
        .shares
        .into_iter()
        .map(|(option, share)| (work.uuid(), option, share))
        .collect();
    feature_states::put_allocations(&work.tx, id, rows).await?;

    let subject = Subject::Identity(&identity.identifier);
    let entry = |log, change| change::entry(feature, environment.id, log, change);
    let ids = [feature.id];
    let live = StateFilter::live(environment, work.now).of(&ids);
    let live = feature_states::list(&work.tx, &live).await?;
    let default = live.iter().rev().find(|state| state.line == Line::Default);
    let switched = default.is_none_or(|default| default.enabled != new.enabled);
    if switched {
        let created = entry(subject.created(&feature.name), ChangeType::Create);
        work.audit(created.with("enabled", serde_json::Value::Null, new.enabled))
            .await?;
    }
    if value != initial || !switched {
        let changed = entry(subject.value_changed(&feature.name), ChangeType::Update);
        work.audit(changed.with("value", initial.to_json(), value.to_json()))
            .await?;
    }
    reload(work, id).await
}

/// Changes an override inside a unit of work.
pub(crate) async fn update_in(
    work: &mut Work<'_>,
    identity: &Identity,
    state: &FeatureState,
    change: Change,
) -> Result<FeatureState> {
    let feature = feature_of(work, state).await?;
    features::lock(&work.tx, feature.id).await?;
    let state = reload(work, state.id).await?;
    let subject = Subject::Identity(&identity.identifier);
    for entry in change::apply(work, &feature, &state, change, &subject).await? {
        work.audit(entry).await?;
    }
    reload(work, state.id).await
}

/// Removes an override inside a unit of work.
pub(crate) async fn delete_in(work: &mut Work<'_>, identity: &Identity, state: &FeatureState) -> Result<()> {
    let feature = feature_of(work, state).await?;
    feature_states::delete(&work.tx, state.id, work.now).await?;
    let log = Subject::Identity(&identity.identifier).deleted(&feature.name);
    work.audit(change::entry(
        &feature,
        state.environment,
        log,
        ChangeType::Delete,
    ))
    .await
}

/// The identity with that id in an environment.
pub(crate) async fn find_identity(
    conn: &impl Conn,
    environment: &Environment,
    id: IdentityId,
) -> Result<Identity> {
    let found = identities::find(conn, environment.id, id).await?;
    found.ok_or_else(|| Error::missing("Identity"))
}

/// The overrides of an identity, by id.
pub(crate) async fn of(
    conn: &impl Conn,
    environment: &Environment,
    identity: IdentityId,
) -> Result<Vec<FeatureState>> {
    let ids = [identity];
    let filter = StateFilter {
        identities: Some(&ids),
        ..StateFilter::identities(environment.id)
    };
    Ok(feature_states::list(conn, &filter).await?)
}

async fn feature_of(work: &Work<'_>, state: &FeatureState) -> Result<Feature> {
    let found = features::find_by_id(&work.tx, state.feature).await?;
    found.ok_or_else(|| Error::missing("Feature"))
}

async fn reload(work: &Work<'_>, id: FeatureStateId) -> Result<FeatureState> {
    let found = feature_states::find(&work.tx, id).await?;
    found.ok_or_else(|| Error::missing("FeatureState"))
}

fn pick(states: Vec<FeatureState>, id: FeatureStateId) -> Result<FeatureState> {
    let found = states.into_iter().find(|state| state.id == id);
    found.ok_or_else(|| Error::missing("FeatureState"))
}
