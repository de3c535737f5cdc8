//! Changes a feature. Both ways are partial.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnProject;
use liftgate_app::access::need::CreateFeature;
use liftgate_app::features::{self, FeatureChange};
use liftgate_model::feature::FeatureType;
use liftgate_model::{FeatureId, TagId};
use utoipa::ToSchema;

use super::wire::{FeatureBody, OptionInput, WithinQuery};
use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::{Body, PathId, Query};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::Reply;

/// What to change about a feature. Everything else in the body is ignored.
#[derive(Debug, ToSchema)]
#[schema(as = FeatureChange)]
pub struct FeatureInput {
    /// `STANDARD` or `MULTIVARIATE`; a feature with options stays multivariate.
    #[schema(value_type = Option<String>, rename = "type", example = "STANDARD")]
    kind: Patch<FeatureType>,
    /// Free text.
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// Archived or not.
    #[schema(value_type = Option<bool>)]
    is_archived: Patch<bool>,
    /// Whether client-side keys never see it.
    #[schema(value_type = Option<bool>)]
    is_server_key_only: Patch<bool>,
    /// The ids of all its tags.
    #[schema(value_type = Option<Vec<i32>>)]
    tags: Patch<Vec<TagId>>,
    /// All its options; only project admins may change them.
    #[schema(value_type = Option<Vec<OptionInput>>)]
    multivariate_options: Patch<Vec<OptionInput>>,
}

impl Parse for FeatureInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let kind = form.choice("type", FeatureType::parse).change();
        let description = form.text("description").blank().nullable().change();
        let is_archived = form.boolean("is_archived").change();
        let is_server_key_only = form.boolean("is_server_key_only").change();
        let tags = form.ids("tags").change();
        let options = form.objects("multivariate_options").change();
        Some(Self {
            kind: kind?,
            description: description?,
            is_archived: is_archived?,
            is_server_key_only: is_server_key_only?,
            tags: tags?,
            multivariate_options: options?,
        })
    }
}

impl From<FeatureInput> for FeatureChange {
    fn from(input: FeatureInput) -> Self {
        let options = input.multivariate_options.value();
        Self {
            kind: input.kind.value(),
            description: input.description.change(),
            is_archived: input.is_archived.value(),
            is_server_key_only: input.is_server_key_only.value(),
            tags: input.tags.value(),
            options: options.map(|options| options.into_iter().map(Into::into).collect()),
        }
    }
}

/// Changes a feature; what is not mentioned stays.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/features/{feature_id}/", tag = "features",
    request_body = FeatureInput, responses((status = 200, body = FeatureBody)))]
pub async fn put(
    VisibleProject(on): VisibleProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    query: Query,
    body: Body,
) -> Result<Reply<FeatureBody>, ApiError> {
    change(&app, &on, id, &query, &body).await
}

/// Changes some things about a feature.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/features/{feature_id}/", tag = "features",
    request_body = FeatureInput, responses((status = 200, body = FeatureBody)))]
pub async fn patch(
    VisibleProject(on): VisibleProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    query: Query,
    body: Body,
) -> Result<Reply<FeatureBody>, ApiError> {
    change(&app, &on, id, &query, &body).await
}

async fn change(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    query: &Query,
    body: &Body,
) -> Result<Reply<FeatureBody>, ApiError> {
    let within: WithinQuery = query.parse()?;
    let input: FeatureInput = body.parse(Mode::Patch)?;
    Ok(Reply(
        features::update(app, on, id, input.into(), within.0)
            .await?
            .into(),
    ))
}
