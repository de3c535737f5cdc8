//! Writes the default of a flag, or one segment override.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::UpdateFeatureState;
use liftgate_app::flags::write::{self, FlagWrite, OverrideWrite, StateWrite};
use liftgate_model::SegmentId;
use utoipa::ToSchema;

use super::wire::FeatureInput;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{Form, Mode, Parse};
use crate::reply::NoContent;
use crate::v1::value::TypedText;

/// What a flag is to do for everybody, or for a segment.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateFlag)]
pub struct FlagInput {
    /// The feature.
    feature: FeatureInput,
    /// The segment; without one it is for everybody.
    segment: Option<SegmentInput>,
    /// On or off.
    enabled: bool,
    /// The value.
    value: TypedText,
}

/// A segment, and the priority of its override.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateFlagSegment)]
pub struct SegmentInput {
    /// The id of the segment.
    id: i32,
    /// 0 is the strongest; without one it stays, or comes last.
    #[schema(minimum = 0)]
    priority: Option<i32>,
}

impl Parse for FlagInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.nested("feature").required();
        let segment = form.nested("segment").optional();
        let enabled = form.boolean("enabled").required();
        let value = form.nested("value").required();
        Some(Self {
            feature: feature?,
            segment: segment?,
            enabled: enabled?,
            value: value?,
        })
    }
}

impl Parse for SegmentInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.integer("id").required();
        let priority = form.integer("priority").min(0).nullable().optional();
        Some(Self {
            id: id?,
            priority: priority?,
        })
    }
}

/// Writes the default of a flag, or with `segment` the override of one.
#[utoipa::path(post, path = "/api/experiments/environments/{environment_key}/update-flag-v1/", tag = "flag-writes",
    request_body = FlagInput, responses((status = 204)))]
pub async fn update(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<NoContent, ApiError> {
    write::refuse_change_requests(&on)?;
    let input: FlagInput = body.parse(Mode::Create)?;
    let state = StateWrite {
        enabled: input.enabled,
        value: input.value.into(),
    };
    let flag = match input.segment {
        None => FlagWrite {
            default: Some(state),
            overrides: Vec::new(),
        },
        Some(segment) => FlagWrite {
            default: None,
            overrides: vec![OverrideWrite {
                segment: SegmentId(segment.id),
                priority: segment.priority,
                state,
                shares: Vec::new(),
            }],
        },
    };
    write::write(&app, &on, &input.feature.into(), flag, "segment").await?;
    Ok(NoContent)
}
