//! Reads feature states.

use crate::App;
use crate::access::need::{ViewEnvironment, ViewProject};
use crate::access::{OnEnvironment, Refusal};
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::environment::Environment;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::identity::Identity;
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, IdentityId, Page, Slice};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{Conn, feature_states, features, identities};
use std::collections::HashMap;
use uuid::Uuid;

/// A state, and whose it is.
#[derive(Debug, Clone)]
pub struct StateView {
    /// The state.
    pub state: FeatureState,
    /// The identity of an identity override.
    pub identity: Option<Identity>,
}

/// Which states of an environment are asked for.
#[derive(Debug, Clone, Default)]
pub struct ListStates {
    /// Only of this feature.
    pub feature: Option<FeatureId>,
    /// Only of the feature of this name, in any case.
    pub feature_name: Option<String>,
    /// Identity overrides instead of environment defaults.
    pub of_identities: bool,
}

/// The live environment defaults, or the identity overrides, by id.
pub async fn list(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    asked: ListStates,
    slice: Slice,
) -> Result<Page<StateView>> {
    let reader = app.store.reader();
    let environment = &on.environment;
    let mut only = asked.feature.map(|id| vec![id]);
    if let Some(name) = &asked.feature_name {
        let named = features::find_by_name(&reader, environment.project, name).await?;
        let named = named.map(|feature| feature.id);
        let both = named.filter(|id| asked.feature.is_none_or(|asked| asked == *id));
        only = Some(both.into_iter().collect());
    }
    let filter = if asked.of_identities {
        StateFilter::identities(environment.id)
    } else {
        StateFilter::live(environment, app.clock.now())
    };
    let filter = StateFilter {
        features: only.as_deref(),
        defaults_only: !asked.of_identities,
        ..filter
    };
    let page = Page::cut(feature_states::list(&reader, &filter).await?, slice);
    complete(&reader, page).await
}

/// Everything that is live in an environment: defaults, segment overrides and identity overrides, by id.
///
/// # Errors
/// `Forbidden` when there is no such environment or the caller may not view it.
pub async fn list_in_environment(
    app: &App,
    actor: &Actor,
    environment: EnvironmentId,
    feature: Option<FeatureId>,
    feature_segment: Option<FeatureSegmentId>,
    slice: Slice,
) -> Result<Page<FeatureState>> {
    let on = app
        .access()
        .environment_by_id::<ViewEnvironment>(actor, environment, Refusal::Forbid)
        .await?;
    let reader = app.store.reader();
    let ids: Vec<FeatureId> = feature.into_iter().collect();
    let only = feature.map(|_| ids.as_slice());
    let live = StateFilter {
        features: only,
        ..StateFilter::live(&on.environment, app.clock.now())
    };
    let of_identities = StateFilter {
        features: only,
        ..StateFilter::identities(on.environment.id)
    };
    let mut all = feature_states::list(&reader, &live).await?;
    all.extend(feature_states::list(&reader, &of_identities).await?);
    if let Some(id) = feature_segment {
        all.retain(|state| state.feature_segment.as_ref().is_some_and(|link| link.id == id));
    }
    all.sort_by_key(|state| state.id);
    Ok(Page::cut(all, slice))
}

/// The state with that public id, in any project the caller may see.
///
/// # Errors
/// `NotFound` when there is none, or the caller may not see its project.
pub async fn find_by_uuid(app: &App, actor: &Actor, uuid: Uuid) -> Result<FeatureState> {
    const MODEL: &str = "FeatureState";
    let reader = app.store.reader();
    let found = feature_states::find_by_uuid(&reader, uuid).await?;
    let state = found.ok_or_else(|| Error::missing(MODEL))?;
    let feature = features::find_by_id(&reader, state.feature).await?;
    let feature = feature.ok_or_else(|| Error::missing(MODEL))?;
    app.access()
        .project::<ViewProject>(actor, feature.project, Refusal::Hide)
        .await
        .map_err(|error| error.as_missing(MODEL))?;
    Ok(state)
}

/// The live default with that id in an environment.
pub(super) async fn live_default(
    conn: &impl Conn,
    environment: &Environment,
    id: liftgate_model::FeatureStateId,
    now: liftgate_model::Timestamp,
) -> Result<FeatureState> {
    let missing = || Error::missing("FeatureState");
    let found = feature_states::find(conn, id).await?;
    let state = found
        .filter(|state| state.environment == environment.id && state.line == Line::Default)
        .ok_or_else(missing)?;
    let ids = [state.feature];
    let filter = StateFilter {
        defaults_only: true,
        ..StateFilter::live(environment, now).of(&ids)
    };
    let live = feature_states::list(conn, &filter).await?;
    live.into_iter().find(|live| live.id == id).ok_or_else(missing)
}

/// Gives states their identities.
async fn complete(conn: &impl Conn, page: Page<FeatureState>) -> Result<Page<StateView>> {
    let ids: Vec<IdentityId> = page.items.iter().filter_map(identity_of).collect();
    let identities: HashMap<IdentityId, Identity> = identities::list_by_ids(conn, &ids)
        .await?
        .into_iter()
        .map(|identity| (identity.id, identity))
        .collect();
    Ok(page.map(|state| StateView {
        identity: identity_of(&state).and_then(|id| identities.get(&id).cloned()),
        state,
    }))
}

fn identity_of(state: &FeatureState) -> Option<IdentityId> {
    match state.line {
        Line::Identity(id) => Some(id),
        Line::Default | Line::Segment(_) => None,
    }
}
