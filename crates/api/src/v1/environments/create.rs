//! Makes environments.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::CreateEnvironment;
use liftgate_app::access::{OnProject, Refusal};
use liftgate_app::{App, Error, environments};

use super::wire::{EnvironmentBody, NewEnvironmentInput, Place};
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;

/// Makes an environment, where every feature begins as its defaults say; a person becomes its admin.
///
/// Needs CREATE_ENVIRONMENT on the project in the body; a missing or unknown one is 403.
#[utoipa::path(post, path = "/api/v1/environments/", tag = "environments", request_body = NewEnvironmentInput,
    responses((status = 201, body = EnvironmentBody)))]
pub async fn create(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<EnvironmentBody>, ApiError> {
    let Place(project) = body.parse(Mode::Create).map_err(|_| Error::forbidden())?;
    let on: OnProject<CreateEnvironment> = app.access().project(&actor, project, Refusal::Forbid).await?;
    let input: NewEnvironmentInput = body.parse(Mode::Create)?;
    let made = environments::create(&app, &on, input.into()).await?;
    Ok(Created::new((&made).into()))
}
