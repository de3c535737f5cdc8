//! What links of segment overrides look like on the wire.

use liftgate_app::overrides::{LinkPlace, OverrideLink};
use liftgate_model::feature_state::FeatureSegment;
use liftgate_model::{EnvironmentId, FeatureId, SegmentId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse, Patch};

/// A link with its segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureSegment)]
pub struct LinkBody {
    /// Id.
    pub id: i32,
    /// Public id.
    pub uuid: Uuid,
    /// The id of the segment.
    pub segment: i32,
    /// 0 is the strongest.
    pub priority: i32,
    /// The id of the environment.
    pub environment: i32,
    /// The name of the segment.
    #[schema(example = "Pro customers")]
    pub segment_name: String,
    /// Whether the segment is for one feature only.
    pub is_feature_specific: bool,
}

impl From<OverrideLink> for LinkBody {
    fn from(found: OverrideLink) -> Self {
        Self {
            id: found.link.id.0,
            uuid: found.link.uuid,
            segment: found.link.segment.0,
            priority: found.link.priority,
            environment: found.link.environment.0,
            segment_name: found.segment.name,
            // The segment of a rollout is the server's own, whatever feature it belongs to.
            is_feature_specific: found.segment.feature.is_some() && !found.segment.is_system,
        }
    }
}

/// A link with what it belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureSegmentWithFeature)]
pub struct WrittenLinkBody {
    /// Id.
    pub id: i32,
    /// Public id.
    pub uuid: Uuid,
    /// The id of the feature.
    pub feature: i32,
    /// The id of the segment.
    pub segment: i32,
    /// The id of the environment.
    pub environment: i32,
    /// 0 is the strongest.
    pub priority: i32,
}

impl From<FeatureSegment> for WrittenLinkBody {
    fn from(link: FeatureSegment) -> Self {
        Self {
            id: link.id.0,
            uuid: link.uuid,
            feature: link.feature.0,
            segment: link.segment.0,
            environment: link.environment.0,
            priority: link.priority,
        }
    }
}

/// A link to be made, or confirmed.
#[derive(Debug, ToSchema)]
#[schema(as = FeatureSegmentInput)]
pub struct LinkInput {
    /// The id of the feature.
    #[schema(value_type = i32)]
    feature: Patch<FeatureId>,
    /// The id of the segment.
    #[schema(value_type = i32)]
    segment: Patch<SegmentId>,
    /// The id of the environment.
    #[schema(value_type = i32)]
    environment: Patch<EnvironmentId>,
}

impl Parse for LinkInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.id("feature").change_required();
        let segment = form.id("segment").change_required();
        let environment = form.id("environment").change_required();
        Some(Self {
            feature: feature?,
            segment: segment?,
            environment: environment?,
        })
    }
}

impl From<LinkInput> for LinkPlace {
    fn from(input: LinkInput) -> Self {
        Self {
            feature: input.feature.value(),
            segment: input.segment.value(),
            environment: input.environment.value(),
        }
    }
}
