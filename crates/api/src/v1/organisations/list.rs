//! The caller's organisations, and what is in one of them.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::Member;
use liftgate_app::{App, organisations, projects};

use super::wire::OrganisationBody;
use crate::access::Organisation;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::Page10;
use crate::reply::{Paged, Reply};
use crate::v1::projects::wire::ProjectBody;

/// The organisations the caller belongs to.
#[utoipa::path(get, path = "/api/v1/organisations/", tag = "organisations", params(Page10),
    responses((status = 200, body = Paged<OrganisationBody>)))]
pub async fn list(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    page: Page10,
) -> Result<Reply<Paged<OrganisationBody>>, ApiError> {
    let found = organisations::list(&app, &actor, page.slice()).await?;
    page.reply(found.map(Into::into))
}

/// The projects of an organisation that the caller may see. The reference server lists the others too.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/projects/", tag = "organisations",
    responses((status = 200, body = Vec<ProjectBody>)))]
pub async fn projects(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
) -> Result<Reply<Vec<ProjectBody>>, ApiError> {
    let found = projects::of_organisation(&app, &on).await?;
    Ok(Reply(found.iter().map(Into::into).collect()))
}
