//! Makes a state: an environment default that was removed, the override on a link, or one of an identity.

use super::edit::writable;
use super::{open_in_place, versioned};
use crate::App;
use crate::error::{Error, Result};
use crate::flags::{ALREADY_THERE, ValueEdit, check_whole, columns, identity_overrides};
use crate::work::Work;
use liftgate_model::account::Actor;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::identity::Identity;
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, FlagValue, IdentityId, OptionId};
use liftgate_store::{feature_segments, features, identities, segments};
use uuid::Uuid;

/// A state as it is asked for.
#[derive(Debug, Clone)]
pub struct NewState {
    /// The environment.
    pub environment: EnvironmentId,
    /// A feature of its project.
    pub feature: FeatureId,
    /// On or off.
    pub enabled: bool,
    /// The value, over the feature's initial value.
    pub value: ValueEdit,
    /// The link of a segment override.
    pub feature_segment: Option<FeatureSegmentId>,
    /// The identity of an identity override.
    pub identity: Option<IdentityId>,
    /// The same by its identifier.
    pub identifier: Option<String>,
    /// The unpublished version it is to be in.
    pub version: Option<Uuid>,
    /// The shares of the options.
    pub shares: Vec<(OptionId, f64)>,
}

impl NewState {
    fn is_for_identity(&self) -> bool {
        self.identity.is_some() || self.identifier.is_some()
    }
}

/// Makes a state.
///
/// # Errors
/// `Forbidden` when there is no such environment, or the caller may not write segment overrides (with a link) or other
/// states in it; `Invalid` by field, and where a versioned environment would change what is published.
pub async fn create(app: &App, actor: &Actor, new: NewState) -> Result<FeatureState> {
    let environment = writable(app, actor, new.environment, new.feature_segment.is_some()).await?;
    if environment.use_v2_feature_versioning && new.version.is_none() && !new.is_for_identity() {
        return Err(versioned());
    }
    let mut work = app.begin(actor).await?;
    let feature = features::find_by_id(&work.tx, new.feature).await?;
    let feature = feature.ok_or_else(|| Error::unknown_pk("feature", new.feature.0))?;
    if feature.project != environment.project {
        return Err(Error::field("feature", "Feature does not exist in project"));
    }
    check_whole(&new.shares)?;
    let said = new.value.clone();
    let state = match identity(&work, &environment, &new).await? {
        Some(identity) => {
            let initial = FlagValue::from_initial(feature.initial_value.as_deref());
            let new = identity_overrides::NewOverride {
                feature: feature.id,
                enabled: new.enabled,
                value: Some(new.value.over(&initial)),
                shares: new.shares,
            };
            identity_overrides::create_in(&mut work, &environment, &feature, &identity, new).await?
        }
        None => fill(&mut work, &environment, &feature, new).await?,
    };
    let state = columns::keep(&work.tx, state, &said).await?;
    work.commit().await?;
    Ok(state)
}

/// The identity the state is for, if it is for one.
async fn identity(work: &Work<'_>, environment: &Environment, new: &NewState) -> Result<Option<Identity>> {
    if let Some(identifier) = &new.identifier {
        let found = identities::find_by_identifier(&work.tx, environment.id, identifier).await?;
        return found
            .map(Some)
            .ok_or_else(|| Error::non_field("Invalid identifier"));
    }
    let Some(id) = new.identity else { return Ok(None) };
    let found = identities::list_by_ids(&work.tx, &[id]).await?.pop();
    let identity = found.ok_or_else(|| Error::unknown_pk("identity", id.0))?;
    if identity.environment != environment.id {
        return Err(Error::non_field("Identity does not exist in environment."));
    }
    Ok(Some(identity))
}

/// Makes the override on a link, or the default.
async fn fill(
    work: &mut Work<'_>,
    environment: &Environment,
    feature: &Feature,
    new: NewState,
) -> Result<FeatureState> {
    let value = new
        .value
        .over(&FlagValue::from_initial(feature.initial_value.as_deref()));
    let Some(id) = new.feature_segment else {
        let mut editor = open_in_place(work, environment, feature, new.version).await?;
        if editor.find(Line::Default).is_some() {
            return Err(Error::list(ALREADY_THERE));
        }
        editor.create_default(new.enabled, value, new.shares).await?;
        let made = editor.find(Line::Default).cloned();
        return made.ok_or_else(|| Error::missing("FeatureState"));
    };
    let link = feature_segments::find(&work.tx, id).await?;
    let link = link.ok_or_else(|| Error::unknown_pk("feature_segment", id.0))?;
    if link.environment != environment.id {
        return Err(Error::non_field(
            "Feature Segment does not belong to environment.",
        ));
    }
    if link.feature != feature.id || link.version != new.version {
        return Err(Error::unknown_pk("feature_segment", id.0));
    }
    let segment = segments::find(&work.tx, feature.project, link.segment).await?;
    let segment = segment.ok_or_else(|| Error::unknown_pk("feature_segment", id.0))?;
    let mut editor = open_in_place(work, environment, feature, new.version).await?;
    let line = Line::Segment(segment.id);
    if editor.find(line).is_some() {
        return Err(Error::list(ALREADY_THERE));
    }
    editor
        .fill_link(&link, &segment, new.enabled, value, new.shares)
        .await?;
    let made = editor.find(line).cloned();
    made.ok_or_else(|| Error::missing("FeatureState"))
}
