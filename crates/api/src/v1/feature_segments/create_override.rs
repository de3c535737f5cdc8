//! A segment override in one call.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ManageSegmentOverrides;
use liftgate_app::overrides::{self, NewOverride};
use liftgate_model::{FeatureId, SegmentId};
use utoipa::ToSchema;

use crate::access::VisibleEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse};
use crate::reply::Created;
use crate::v1::feature_states::wire::OverrideBody;
use crate::v1::value::{NewColumns, NewShare};

/// A segment override to be made.
#[derive(Debug, ToSchema)]
#[schema(as = NewSegmentOverride)]
pub struct OverrideInput {
    /// On or off.
    #[schema(required = false)]
    enabled: bool,
    /// The value.
    feature_state_value: NewColumns,
    /// The segment, and where the override goes.
    feature_segment: SegmentPlace,
    /// The shares of the options.
    #[schema(required = false)]
    multivariate_feature_state_values: Vec<NewShare>,
}

/// A segment, and where its override goes.
#[derive(Debug, ToSchema)]
#[schema(as = NewSegmentOverridePlace)]
pub struct SegmentPlace {
    /// The id of the segment.
    #[schema(value_type = i32)]
    pub segment: SegmentId,
    /// 0 is the strongest; one that is taken pushes the others down. Without one it comes last.
    #[schema(minimum = 0)]
    pub priority: Option<i32>,
}

impl Parse for OverrideInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let enabled = form.boolean("enabled").or(false);
        let value = form.nested("feature_state_value").required();
        let place = form.nested("feature_segment").required();
        let shares = form.objects("multivariate_feature_state_values").or(Vec::new());
        Some(Self {
            enabled: enabled?,
            feature_state_value: value?,
            feature_segment: place?,
            multivariate_feature_state_values: shares?,
        })
    }
}

impl Parse for SegmentPlace {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let segment = form.id("segment").required();
        let priority = form.integer("priority").min(0).nullable().optional();
        Some(Self {
            segment: segment?,
            priority: priority?,
        })
    }
}

impl From<OverrideInput> for NewOverride {
    fn from(input: OverrideInput) -> Self {
        let shares = input.multivariate_feature_state_values;
        Self {
            segment: input.feature_segment.segment,
            priority: input.feature_segment.priority,
            enabled: input.enabled,
            value: input.feature_state_value.into(),
            shares: shares.into_iter().map(Into::into).collect(),
        }
    }
}

/// Makes a segment override in an environment without versioning.
#[utoipa::path(post,
    path = "/api/v1/environments/{environment_key}/features/{feature_id}/create-segment-override/",
    tag = "feature-segments", request_body = OverrideInput, responses((status = 201, body = OverrideBody)))]
pub async fn create(
    VisibleEnvironment(on): VisibleEnvironment<ManageSegmentOverrides>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    body: Body,
) -> Result<Created<OverrideBody>, ApiError> {
    let input: OverrideInput = body.parse(Mode::Create)?;
    let made = overrides::create_override(&app, &on, feature, input.into()).await?;
    Ok(Created::new(made.into()))
}
