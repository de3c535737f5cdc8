//! Makes projects.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::OnOrganisation;
use liftgate_app::access::need::CreateProject;
use liftgate_app::{App, projects};

use super::wire::{NewProjectInput, Owner, ProjectBody};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;

/// Makes a project; a person becomes its admin.
///
/// Needs CREATE_PROJECT on the organisation in the body, or to administer it; unknown and foreign ones are 403. A body
/// that names none is 400, where the reference server fails.
#[utoipa::path(post, path = "/api/v1/projects/", tag = "projects", request_body = NewProjectInput,
    responses((status = 201, body = ProjectBody)))]
pub async fn create(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<ProjectBody>, ApiError> {
    let input = body.parse::<NewProjectInput>(Mode::Create);
    // Whoever may not make projects there learns nothing about the rest of the body.
    let on: OnOrganisation<CreateProject> = match body.parse(Mode::Create) {
        Ok(Owner(organisation)) => app.access().organisation(&actor, organisation).await?,
        Err(error) => return Err(input.err().unwrap_or(error).into()),
    };
    let made = projects::create(&app, &on, input?.into()).await?;
    Ok(Created::new((&made).into()))
}
