//! Makes a segment override, link and state in one.

use super::segment_for;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ManageSegmentOverrides;
use crate::error::{Error, Invalid, Result};
use crate::features::load;
use crate::flags::ValueEdit;
use crate::states::open_in_place;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::{FeatureId, FlagValue, OptionId, SegmentId};
use serde_json::{Map, Value};

/// A segment override as it is asked for.
#[derive(Debug, Clone)]
pub struct NewOverride {
    /// A segment of the project.
    pub segment: SegmentId,
    /// Where it goes; one that is taken pushes the others down. Without one it comes last.
    pub priority: Option<i32>,
    /// On or off.
    pub enabled: bool,
    /// The value, over the feature's initial value.
    pub value: ValueEdit,
    /// The shares of the options.
    pub shares: Vec<(OptionId, f64)>,
}

/// Makes a segment override in an environment without versioning.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Invalid` when the environment is versioned, the segment is not one
/// of the project, is for another feature or has an override already, or the shares are no partition.
pub async fn create_override(
    app: &App,
    on: &OnEnvironment<ManageSegmentOverrides>,
    feature: FeatureId,
    new: NewOverride,
) -> Result<FeatureState> {
    let mut work = app.begin(&on.actor).await?;
    let feature = load(&work.tx, on.environment.project, feature).await?;
    if on.environment.use_v2_feature_versioning {
        return Err(crate::states::versioned());
    }
    let segment = segment_for(&work, &feature, new.segment).await.map_err(nested)?;
    let said = new.value.clone();
    let value = new
        .value
        .over(&FlagValue::from_initial(feature.initial_value.as_deref()));
    let mut editor = open_in_place(&mut work, &on.environment, &feature, None).await?;
    if editor
        .links()
        .await?
        .iter()
        .any(|link| link.segment == segment.id)
    {
        return Err(nested(Error::field(
            "segment",
            format!(
                "A segment override already exists for segment '{}'.",
                segment.name
            ),
        )));
    }
    editor
        .create_override(&segment, new.priority, new.enabled, value, new.shares)
        .await?;
    let line = Line::Segment(segment.id);
    editor.keep_columns(line, &said).await?;
    let made = editor.find(line).cloned();
    let made = made.ok_or_else(|| Error::missing("FeatureState"))?;
    work.commit().await?;
    Ok(made)
}

/// A complaint about the segment, where the body has it: under `feature_segment`.
pub(crate) fn nested(error: Error) -> Error {
    match error {
        Error::Invalid(Invalid::Fields(fields)) if fields.contains_key("segment") => {
            let mut outer = Map::new();
            outer.insert("feature_segment".into(), Value::Object(fields));
            Error::Invalid(Invalid::Fields(outer))
        }
        other => other,
    }
}
