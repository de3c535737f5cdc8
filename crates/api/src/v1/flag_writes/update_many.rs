//! Writes the default of a flag and any of its segment overrides.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::UpdateFeatureState;
use liftgate_app::flags::write::{self, FlagWrite, OverrideWrite, StateWrite};
use liftgate_model::{OptionId, SegmentId};
use utoipa::ToSchema;

use super::wire::FeatureInput;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{Form, Mode, Parse};
use crate::reply::NoContent;
use crate::v1::value::TypedText;

/// What a flag is to do. Overrides that are not listed stay.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateFlagWithOverrides)]
pub struct FlagInput {
    /// The feature.
    feature: FeatureInput,
    /// For everybody.
    environment_default: DefaultInput,
    /// For segments, each once.
    #[schema(required = false)]
    segment_overrides: Vec<OverrideInput>,
}

/// What a flag is to do for everybody.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateFlagDefault)]
pub struct DefaultInput {
    /// On or off.
    enabled: bool,
    /// The value.
    value: TypedText,
}

/// What a flag is to do for a segment.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateFlagOverride)]
pub struct OverrideInput {
    /// The id of the segment.
    segment_id: i32,
    /// 0 is the strongest; without one it stays, or comes last.
    #[schema(minimum = 0)]
    priority: Option<i32>,
    /// On or off.
    enabled: bool,
    /// The value.
    value: TypedText,
    /// Shares of options; those not named stay.
    #[schema(required = false)]
    multivariate_feature_state_values: Vec<ShareInput>,
}

/// The share of an option.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateFlagShare)]
pub struct ShareInput {
    /// The id of the option.
    multivariate_feature_option: i32,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    percentage_allocation: f64,
}

impl Parse for FlagInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.nested("feature").required();
        let default = form.nested("environment_default").required();
        let overrides = form.objects("segment_overrides").or(Vec::new());
        Some(Self {
            feature: feature?,
            environment_default: default?,
            segment_overrides: overrides?,
        })
    }
}

impl Parse for DefaultInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let enabled = form.boolean("enabled").required();
        let value = form.nested("value").required();
        Some(Self {
            enabled: enabled?,
            value: value?,
        })
    }
}

impl Parse for OverrideInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let segment_id = form.integer("segment_id").required();
        let priority = form.integer("priority").min(0).nullable().optional();
        let enabled = form.boolean("enabled").required();
        let value = form.nested("value").required();
        let shares = form.objects("multivariate_feature_state_values").or(Vec::new());
        Some(Self {
            segment_id: segment_id?,
            priority: priority?,
            enabled: enabled?,
            value: value?,
            multivariate_feature_state_values: shares?,
        })
    }
}

impl Parse for ShareInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let option = form.integer("multivariate_feature_option").required();
        let percentage = form
            .number("percentage_allocation")
            .min(0.0)
            .max(100.0)
            .required();
        Some(Self {
            multivariate_feature_option: option?,
            percentage_allocation: percentage?,
        })
    }
}

impl From<OverrideInput> for OverrideWrite {
    fn from(input: OverrideInput) -> Self {
        let share = |share: ShareInput| {
            let option = OptionId(share.multivariate_feature_option);
            (option, share.percentage_allocation)
        };
        Self {
            segment: SegmentId(input.segment_id),
            priority: input.priority,
            state: StateWrite {
                enabled: input.enabled,
                value: input.value.into(),
            },
            shares: input
                .multivariate_feature_state_values
                .into_iter()
                .map(share)
                .collect(),
        }
    }
}

/// Writes the default of a flag and the segment overrides that are listed.
#[utoipa::path(post, path = "/api/experiments/environments/{environment_key}/update-flag-v2/", tag = "flag-writes",
    request_body = FlagInput, responses((status = 204)))]
pub async fn update(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<NoContent, ApiError> {
    write::refuse_change_requests(&on)?;
    let input: FlagInput = body.parse(Mode::Create)?;
    let flag = FlagWrite {
        default: Some(StateWrite {
            enabled: input.environment_default.enabled,
            value: input.environment_default.value.into(),
        }),
        overrides: input.segment_overrides.into_iter().map(Into::into).collect(),
    };
    write::write(&app, &on, &input.feature.into(), flag, "segment_overrides").await?;
    Ok(NoContent)
}
