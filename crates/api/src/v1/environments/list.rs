//! The environments of a project that the caller may see.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, environments};
use liftgate_model::ProjectId;

use super::wire::EnvironmentBody;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Page10, Query};
use crate::form::rule;
use crate::reply::{Paged, Reply};

/// The environments of a project that the caller may see.
#[utoipa::path(get, path = "/api/v1/environments/", tag = "environments",
    params(("project" = i32, Query, description = "The project."), Page10),
    responses((status = 200, body = Paged<EnvironmentBody>), (status = 400)))]
pub async fn list(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    page: Page10,
    query: Query,
) -> Result<Reply<Paged<EnvironmentBody>>, ApiError> {
    let given = query.get("project").and_then(rule::integer_text);
    let project = given.and_then(|id| i32::try_from(id).ok()).map(ProjectId);
    let found = environments::list(&app, &actor, project, page.slice()).await?;
    page.reply(found.map(|environment| (&environment).into()))
}
