//! A new version: what is live, with changes.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::UpdateFeatureState;
use liftgate_app::versions::{self, NewVersion};
use liftgate_model::{FeatureId, SegmentId, Timestamp};
use utoipa::ToSchema;

use super::wire::{StateInput, VersionBody};
use crate::access::EnvironmentById;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, rule};
use crate::reply::Created;

/// A version to be made.
#[derive(Debug, ToSchema)]
#[schema(as = NewFeatureVersion)]
pub struct VersionInput {
    /// What it is for.
    description: Option<String>,
    /// From when it is to be in force, once published.
    #[schema(value_type = Option<String>, format = DateTime)]
    live_from: Option<Timestamp>,
    /// Segment overrides to make.
    #[schema(required = false)]
    feature_states_to_create: Vec<StateInput>,
    /// States to change.
    #[schema(required = false)]
    feature_states_to_update: Vec<StateInput>,
    /// The ids of segments whose overrides are removed.
    #[schema(required = false)]
    segment_ids_to_delete_overrides: Vec<i32>,
    /// Whether it is published at once.
    #[schema(required = false)]
    publish_immediately: bool,
}

impl Parse for VersionInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let description = form.text("description").blank().nullable().optional();
        let live_from = form.datetime("live_from").nullable().optional();
        let create = form.objects("feature_states_to_create").nullable().optional();
        let update = form.objects("feature_states_to_update").nullable().optional();
        let delete = form
            .list("segment_ids_to_delete_overrides", rule::Integer::default())
            .nullable()
            .optional();
        let publish = form.boolean("publish_immediately").or(false);
        Some(Self {
            description: description?,
            live_from: live_from?,
            feature_states_to_create: create?.unwrap_or_default(),
            feature_states_to_update: update?.unwrap_or_default(),
            segment_ids_to_delete_overrides: delete?.unwrap_or_default(),
            publish_immediately: publish?,
        })
    }
}

impl From<VersionInput> for NewVersion {
    fn from(input: VersionInput) -> Self {
        let items = |list: Vec<StateInput>| list.into_iter().map(Into::into).collect();
        let delete = input.segment_ids_to_delete_overrides;
        Self {
            description: input.description,
            live_from: input.live_from,
            create: items(input.feature_states_to_create),
            update: items(input.feature_states_to_update),
            delete: delete.into_iter().map(SegmentId).collect(),
            publish: input.publish_immediately,
        }
    }
}

/// Makes a version of a feature, and publishes it if that is asked for.
#[utoipa::path(post, path = "/api/v1/environments/{environment_id}/features/{feature_id}/versions/",
    tag = "feature-versions", request_body = VersionInput, responses((status = 201, body = VersionBody)))]
pub async fn create(
    EnvironmentById(on): EnvironmentById<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(feature): PathId<FeatureId>,
    body: Body,
) -> Result<Created<VersionBody>, ApiError> {
    let input: VersionInput = body.parse(Mode::Create)?;
    let made = versions::create(&app, &on, feature, input.into()).await?;
    Ok(Created::new(made.into()))
}
