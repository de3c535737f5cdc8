//! Custom fields of features, segments and environments, of which there are none (contract, admin API, section 3.5): the
//! lists are empty, and what has `metadata` accepts it and answers `[]`.

use liftgate_app::access::need::{Member, ViewProject};
use liftgate_model::Page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Organisation, VisibleProject};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Page10, Page999, Query};
use crate::form::{Form, Parse};
use crate::operations;
use crate::reply::{Paged, Reply};
use crate::router::Routes;

/// The routes of custom fields.
pub fn routes() -> Routes {
    operations!(
        fields,
        project_fields,
        model_fields,
        content_types,
        required_for_models
    )
}

/// A custom field.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetadataField {
    id: i32,
    name: String,
}

/// A custom field as one kind of thing has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetadataModelField {
    id: i32,
    field: i32,
    content_type: i32,
}

/// A kind of thing that may have custom fields.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ContentType {
    id: i32,
    #[schema(example = "features")]
    app_label: &'static str,
    #[schema(example = "feature")]
    model: &'static str,
}

/// The kinds; the numbers are of no meaning outside of a server.
const CONTENT_TYPES: [ContentType; 5] = [
    ContentType {
        id: 1,
        app_label: "organisations",
        model: "organisation",
    },
    ContentType {
        id: 2,
        app_label: "projects",
        model: "project",
    },
    ContentType {
        id: 3,
        app_label: "environments",
        model: "environment",
    },
    ContentType {
        id: 4,
        app_label: "features",
        model: "feature",
    },
    ContentType {
        id: 5,
        app_label: "segments",
        model: "segment",
    },
];

fn none<T>() -> Page<T> {
    Page {
        total: 0,
        items: Vec::new(),
    }
}

/// The query of the list.
struct FieldQuery;

impl Parse for FieldQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.integer("organisation").required().map(|_| Self)
    }
}

/// The custom fields of an organisation: none.
#[utoipa::path(get, path = "/api/v1/metadata/fields/", tag = "metadata",
    params(("organisation" = i32, Query), Page999), responses((status = 200, body = Paged<MetadataField>)))]
async fn fields(_: SignedIn, query: Query, page: Page999) -> Result<Reply<Paged<MetadataField>>, ApiError> {
    let _: FieldQuery = query.parse()?;
    page.reply(none())
}

/// The custom fields of a project: none.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/metadata/fields/", tag = "metadata",
    params(Page999), responses((status = 200, body = Paged<MetadataField>)))]
async fn project_fields(
    _: VisibleProject<ViewProject>,
    page: Page999,
) -> Result<Reply<Paged<MetadataField>>, ApiError> {
    page.reply(none())
}

/// Which kinds of things have which custom fields: none.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/metadata-model-fields/", tag = "metadata",
    params(Page10), responses((status = 200, body = Paged<MetadataModelField>)))]
async fn model_fields(
    _: Organisation<Member>,
    page: Page10,
) -> Result<Reply<Paged<MetadataModelField>>, ApiError> {
    page.reply(none())
}

/// The kinds of things that may have custom fields.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/metadata-model-fields/supported-content-types/",
    tag = "metadata", responses((status = 200, body = Vec<ContentType>)))]
async fn content_types(_: Organisation<Member>) -> Reply<Vec<ContentType>> {
    Reply(CONTENT_TYPES.to_vec())
}

/// The kinds of things for which a custom field may be required: none.
#[utoipa::path(get,
    path = "/api/v1/organisations/{organisation_id}/metadata-model-fields/supported-required-for-models/",
    tag = "metadata", responses((status = 200, body = Vec<ContentType>)))]
async fn required_for_models(_: Organisation<Member>) -> Reply<Vec<ContentType>> {
    Reply(Vec::new())
}
