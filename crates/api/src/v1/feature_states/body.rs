//! Feature states as they are written under an environment or an identity.

use liftgate_app::Error;
use liftgate_app::flags::Change;
use liftgate_app::flags::identity_overrides::NewOverride;
use liftgate_app::states::NewDefault;
use liftgate_model::{EnvironmentId, FeatureId};
use serde_json::Value;
use utoipa::ToSchema;

use crate::extract::Body;
use crate::form::{Form, Mode, Parse, Patch};
use crate::v1::value::{NewPlain, NewShare, replacement};

/// A state to be made or changed; what is not mentioned stays.
#[derive(Debug, ToSchema)]
#[schema(as = FeatureStateInput)]
pub struct StateInput {
    /// The id of the feature: needed to make a state, and never changed.
    #[schema(value_type = Option<i32>)]
    feature: Patch<FeatureId>,
    /// The id of the environment: the one of the path.
    #[schema(value_type = Option<i32>)]
    environment: Patch<EnvironmentId>,
    /// On or off.
    #[schema(value_type = Option<bool>)]
    enabled: Patch<bool>,
    /// The value.
    feature_state_value: Option<NewPlain>,
    /// All shares of the options.
    #[schema(value_type = Option<Vec<NewShare>>)]
    multivariate_feature_state_values: Patch<Vec<NewShare>>,
}

impl Parse for StateInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.id("feature").change();
        let environment = form.id("environment").change();
        let enabled = form.boolean("enabled").change();
        let value = NewPlain::field(form, "feature_state_value");
        let shares = form.objects("multivariate_feature_state_values").change();
        Some(Self {
            feature: feature?,
            environment: environment?,
            enabled: enabled?,
            feature_state_value: value?,
            multivariate_feature_state_values: shares?,
        })
    }
}

/// What a body says about a state there is.
pub struct Said {
    /// The feature it names.
    pub feature: Option<FeatureId>,
    /// The environment it names.
    pub environment: Option<EnvironmentId>,
    /// What is to change.
    pub change: Change,
}

/// Reads a change. PUT is partial too.
pub fn change(body: &Body) -> Result<Said, Error> {
    let input: StateInput = body.parse(Mode::Patch)?;
    Ok(Said {
        feature: input.feature.value(),
        environment: input.environment.value(),
        change: Change {
            enabled: input.enabled.value(),
            value: input.feature_state_value.map(|value| value.0),
            shares: input.multivariate_feature_state_values.value().map(replacement),
        },
    })
}

/// Reads a new default.
pub fn new_default(body: &Body) -> Result<NewDefault, Error> {
    let (feature, input) = new(body)?;
    Ok(NewDefault {
        feature,
        enabled: input.enabled.value().unwrap_or_default(),
        value: input.feature_state_value.map(|value| value.0),
        shares: input
            .multivariate_feature_state_values
            .value()
            .map(|shares| shares.into_iter().map(Into::into).collect()),
    })
}

/// Reads a new override of an identity.
pub fn new_override(body: &Body) -> Result<NewOverride, Error> {
    let (feature, input) = new(body)?;
    let shares = input
        .multivariate_feature_state_values
        .value()
        .unwrap_or_default();
    Ok(NewOverride {
        feature,
        enabled: input.enabled.value().unwrap_or_default(),
        value: input.feature_state_value.map(|value| value.0),
        shares: shares.into_iter().map(Into::into).collect(),
    })
}

fn new(body: &Body) -> Result<(FeatureId, StateInput), Error> {
    let names_feature = body
        .value()
        .get("feature")
        .is_some_and(|value| *value != Value::Null);
    if !names_feature {
        return Err(Error::detail("Feature not provided"));
    }
    let input: StateInput = body.parse(Mode::Patch)?;
    match input.feature {
        Patch::Value(feature) => Ok((feature, input)),
        Patch::Absent | Patch::Null => Err(Error::detail("Feature not provided")),
    }
}
