//! An identity with traits in the body.

use axum::extract::State;
use axum::response::Response;

use super::wire::Identify;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::sdk::{EnvironmentKey, SdkState};

/// Stores the traits of an identity and answers with its flags. Without an identifier nothing is stored, and the traits
/// make one up.
#[utoipa::path(
    post,
    path = "/api/v1/identities/",
    tag = "sdk",
    request_body = Identify,
    responses(
        (status = 200, description = "`identifier`, `traits` and `flags`."),
        (status = 503, description = "The traits cannot be stored at the moment."),
    ),
)]
pub(super) async fn identify(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    body: Body,
) -> Result<Response, ApiError> {
    let wanted: Identify = body.parse(Mode::Create)?;
    super::answer(key, &state, wanted.into(), None).await
}
