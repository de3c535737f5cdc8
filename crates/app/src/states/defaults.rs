//! The defaults of an environment, one by one.

use super::edit::{apply, check_place, feature_of};
use super::read::live_default;
use super::{open_in_place, versioned};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::{UpdateFeatureState, ViewEnvironment};
use crate::error::{Error, Result};
use crate::flags::{ALREADY_THERE, Change, Shares, check_whole};
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::{EnvironmentId, FeatureId, FeatureStateId, FlagValue, OptionId};
use liftgate_store::features;

/// An environment default as it is asked for.
#[derive(Debug, Clone)]
pub struct NewDefault {
    /// A feature of the environment's project that has none.
    pub feature: FeatureId,
    /// On or off.
    pub enabled: bool,
    /// The value; `None` starts from the feature's initial value.
    pub value: Option<FlagValue>,
    /// The shares of the options; `None` starts from the options' defaults.
    pub shares: Option<Vec<(OptionId, f64)>>,
}

/// The live default with that id.
///
/// # Errors
/// `NotFound` when the environment has none.
pub async fn find_default(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    id: FeatureStateId,
) -> Result<FeatureState> {
    live_default(&app.store.reader(), &on.environment, id, app.clock.now()).await
}

/// Changes the live default with that id. `feature` and `environment` are as the body names them: those there are.
///
/// # Errors
/// `NotFound` when the environment has none; `Invalid` when it is versioned, or the change cannot be.
pub async fn update_default(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureStateId,
    feature: Option<FeatureId>,
    environment: Option<EnvironmentId>,
    change: Change,
) -> Result<FeatureState> {
    let mut work = app.begin(&on.actor).await?;
    let state = live_default(&work.tx, &on.environment, id, work.now).await?;
    if on.environment.use_v2_feature_versioning {
        return Err(versioned());
    }
    check_place(&state, feature, environment)?;
    if let Some(Shares::Replace(shares)) = &change.shares {
        check_whole(shares)?;
    }
    let state = apply(&mut work, &on.environment, &state, change).await?;
    work.commit().await?;
    Ok(state)
}

/// Makes the default of a feature that has none.
///
/// # Errors
/// `Invalid` when the environment is versioned, the feature is not one of the project or has a default, or the shares are
/// no partition.
pub async fn create_default(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    new: NewDefault,
) -> Result<FeatureState> {
    if on.environment.use_v2_feature_versioning {
        return Err(versioned());
    }
    let mut work = app.begin(&on.actor).await?;
    let feature = features::find(&work.tx, on.environment.project, new.feature).await?;
    let feature = feature.ok_or_else(|| Error::unknown_pk("feature", new.feature.0))?;
    let shares = if let Some(shares) = new.shares {
        check_whole(&shares)?;
        shares
    } else {
        let options = liftgate_store::options::list(&work.tx, feature.id).await?;
        let share = |option: liftgate_model::feature::MultivariateOption| {
            (option.id, option.default_percentage_allocation)
        };
        options.into_iter().map(share).collect()
    };
    let initial = FlagValue::from_initial(feature.initial_value.as_deref());
    let mut editor = open_in_place(&mut work, &on.environment, &feature, None).await?;
    if editor.find(Line::Default).is_some() {
        return Err(Error::list(ALREADY_THERE));
    }
    editor
        .create_default(new.enabled, new.value.unwrap_or(initial), shares)
        .await?;
    let state = editor.find(Line::Default).cloned();
    let state = state.ok_or_else(|| Error::missing("FeatureState"))?;
    work.commit().await?;
    Ok(state)
}

/// Removes the live default with that id: the feature is no longer served, until it gets one again.
///
/// # Errors
/// `NotFound` when the environment has none; `Invalid` when it is versioned.
pub async fn delete_default(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureStateId,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let state = live_default(&work.tx, &on.environment, id, work.now).await?;
    let feature = feature_of(&work, &state).await?;
    open_in_place(&mut work, &on.environment, &feature, state.version)
        .await?
        .delete_default()
        .await?;
    work.commit().await
}
