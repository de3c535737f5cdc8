//! Removes a segment override from a flag.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::UpdateFeatureState;
use liftgate_app::flags::write;
use liftgate_model::SegmentId;
use utoipa::ToSchema;

use super::wire::FeatureInput;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{Form, Mode, Parse};
use crate::reply::NoContent;

/// Which override is removed.
#[derive(Debug, ToSchema)]
#[schema(as = DeleteSegmentOverride)]
pub struct OverrideInput {
    /// The feature.
    feature: FeatureInput,
    /// The segment.
    segment: SegmentInput,
}

/// A segment.
#[derive(Debug, ToSchema)]
#[schema(as = DeleteSegmentOverrideSegment)]
pub struct SegmentInput {
    /// Its id.
    id: i32,
}

impl Parse for OverrideInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.nested("feature").required();
        let segment = form.nested("segment").required();
        Some(Self {
            feature: feature?,
            segment: segment?,
        })
    }
}

impl Parse for SegmentInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.integer("id").required();
        Some(Self { id: id? })
    }
}

/// Removes the override of a segment from a flag.
#[utoipa::path(post, path = "/api/experiments/environments/{environment_key}/delete-segment-override/",
    tag = "flag-writes", request_body = OverrideInput, responses((status = 204)))]
pub async fn delete(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<NoContent, ApiError> {
    write::refuse_change_requests(&on)?;
    let input: OverrideInput = body.parse(Mode::Create)?;
    let segment = SegmentId(input.segment.id);
    write::delete_override(&app, &on, &input.feature.into(), segment).await?;
    Ok(NoContent)
}
