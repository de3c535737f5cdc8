//! What versions look like on the wire.

use liftgate_app::versions::{StateItem, VersionView};
use liftgate_model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse, Patch};
use crate::v1::feature_segments::SegmentPlace;
use crate::v1::value::{NewColumns, NewShare};

/// A version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureVersion)]
pub struct VersionBody {
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Whether it is published.
    pub published: bool,
    /// From when it is in force, once published.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub live_from: Option<Timestamp>,
    /// Id.
    pub uuid: Uuid,
    /// Whether it is published and its time has come.
    pub is_live: bool,
    /// The id of who published it.
    pub published_by: Option<i32>,
    /// The id of who made it.
    pub created_by: Option<i32>,
    /// What it is for.
    pub description: Option<String>,
}

/// A version with its place among others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureVersionInPlace)]
pub struct PlacedVersionBody {
    /// The version.
    #[serde(flatten)]
    pub version: VersionBody,
    /// The version that was in force before.
    pub previous_version_uuid: Option<Uuid>,
    /// The id of the feature.
    pub feature: i32,
    /// The id of the environment.
    pub environment: i32,
}

/// From when a version is in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedVersion)]
pub struct PublishedBody {
    /// The time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub live_from: Option<Timestamp>,
}

impl From<VersionView> for VersionBody {
    fn from(view: VersionView) -> Self {
        let version = view.version;
        Self {
            created_at: version.created_at,
            updated_at: version.updated_at,
            published: version.published,
            live_from: version.live_from,
            uuid: version.uuid,
            is_live: view.is_live,
            published_by: version.published_by.map(|id| id.0),
            created_by: version.created_by.map(|id| id.0),
            description: version.description,
        }
    }
}

impl From<VersionView> for PlacedVersionBody {
    fn from(view: VersionView) -> Self {
        Self {
            previous_version_uuid: view.previous,
            feature: view.version.feature.0,
            environment: view.version.environment.0,
            version: view.into(),
        }
    }
}

/// A state of a version to be made or changed.
#[derive(Debug, ToSchema)]
#[schema(as = VersionFeatureStateInput)]
pub struct StateInput {
    /// The segment of an override; null for the environment's default.
    feature_segment: Option<SegmentPlace>,
    /// On or off.
    #[schema(value_type = Option<bool>)]
    enabled: Patch<bool>,
    /// The value.
    #[schema(value_type = NewColumns)]
    feature_state_value: Patch<NewColumns>,
    /// All shares of the options.
    #[schema(value_type = Option<Vec<NewShare>>)]
    multivariate_feature_state_values: Patch<Vec<NewShare>>,
}

impl Parse for StateInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let place = form.nested("feature_segment").nullable().optional();
        let enabled = form.boolean("enabled").change();
        let value = form.nested("feature_state_value").change_required();
        let shares = form.objects("multivariate_feature_state_values").change();
        Some(Self {
            feature_segment: place?,
            enabled: enabled?,
            feature_state_value: value?,
            multivariate_feature_state_values: shares?,
        })
    }
}

impl From<StateInput> for StateItem {
    fn from(input: StateInput) -> Self {
        let shares = input.multivariate_feature_state_values.value();
        Self {
            segment: input.feature_segment.map(|place| (place.segment, place.priority)),
            enabled: input.enabled.value(),
            value: input.feature_state_value.value().unwrap_or_default().into(),
            shares: shares.map(|shares| shares.into_iter().map(Into::into).collect()),
        }
    }
}
