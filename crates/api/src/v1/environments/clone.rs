//! Copies environments.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::{App, environments};

use super::wire::{CloneBody, CloneInput};
use crate::access::VisibleEnvironment;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Reply;

/// Copies an environment's settings and what its flags do, under a new name and with a key of its own.
///
/// Needs CREATE_ENVIRONMENT on the project, and VIEW_ENVIRONMENT: whoever copies becomes the admin of the copy, so a
/// copy must not show what its source does not.
#[utoipa::path(post, path = "/api/v1/environments/{environment_key}/clone/", tag = "environments",
    request_body = CloneInput, responses((status = 200, body = CloneBody)))]
pub async fn clone(
    VisibleEnvironment(on): VisibleEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<CloneBody>, ApiError> {
    let on = environments::cloneable(on)?;
    let CloneInput { name } = body.parse(Mode::Create)?;
    Ok(Reply(environments::clone(&app, &on, name).await?.into()))
}
