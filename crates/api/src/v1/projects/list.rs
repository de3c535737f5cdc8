//! The caller's projects, and the environments of one of them. Both lists are not paged.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Admin;
use liftgate_app::{App, Error, Invalid, projects};
use liftgate_model::OrganisationId;
use serde_json::json;
use uuid::Uuid;

use super::wire::ProjectBody;
use crate::access::VisibleProject;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::Query;
use crate::form::rule;
use crate::reply::Reply;
use crate::v1::environments::wire::BareEnvironment;

/// The projects the caller may see.
#[utoipa::path(get, path = "/api/v1/projects/", tag = "projects",
    params(("organisation" = Option<i32>, Query, description = "Only those of this organisation."),
        ("uuid" = Option<Uuid>, Query, description = "Only the one with this public id.")),
    responses((status = 200, body = Vec<ProjectBody>)))]
pub async fn list(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    query: Query,
) -> Result<Reply<Vec<ProjectBody>>, ApiError> {
    let given = |name| query.get(name).filter(|text| !text.is_empty());
    let refused = |name: &str, fault: &str| Error::Invalid(Invalid::Body(json!({name: fault})));
    let organisation = match given("organisation") {
        Some(text) => {
            let id = rule::integer_text(text)
                .ok_or_else(|| refused("organisation", "Must be a valid integer."))?;
            // No id is larger, so a larger one names nothing.
            Some(OrganisationId(i32::try_from(id).unwrap_or_default()))
        }
        None => None,
    };
    let uuid = match given("uuid") {
        Some(text) => Some(Uuid::parse_str(text).map_err(|_| refused("uuid", "Must be a valid UUID."))?),
        None => None,
    };
    let found = projects::list(&app, &actor, organisation, uuid).await?;
    Ok(Reply(found.iter().map(Into::into).collect()))
}

/// The environments of a project, all of them.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/environments/", tag = "projects",
    responses((status = 200, body = Vec<BareEnvironment>)))]
pub async fn environments(
    VisibleProject(on): VisibleProject<Admin>,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<BareEnvironment>>, ApiError> {
    let found = projects::environments(&app, &on).await?;
    Ok(Reply(found.iter().map(Into::into).collect()))
}
