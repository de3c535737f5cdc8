//! The flags and traits of an identity that is named in the query.

use axum::extract::State;
use axum::response::Response;
use liftgate_app::Error;
use liftgate_delivery::IdentityCall;

use super::wire::IdentityQuery;
use crate::error::ApiError;
use crate::extract::Query;
use crate::sdk::{EnvironmentKey, SdkState};

/// The flags of an identity with its stored traits. An identity that is not known is stored, unless it is transient.
#[utoipa::path(
    get,
    path = "/api/v1/identities/",
    tag = "sdk",
    params(
        ("identifier" = String, Query, description = "The identity."),
        ("transient" = Option<bool>, Query, description = "Whether an unknown identity stays unknown."),
        ("feature" = Option<String>, Query, description = "The name of the one feature to answer with."),
    ),
    responses((status = 200, description = "`identifier`, `traits` and `flags`, or one flag.")),
)]
pub(super) async fn find(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    query: Query,
) -> Result<Response, ApiError> {
    let IdentityQuery {
        identifier,
        is_transient,
    } = query.parse()?;
    if identifier.is_empty() {
        return Err(Error::detail("Missing identifier").into());
    }
    let call = IdentityCall {
        identifier: Some(identifier),
        is_transient,
        traits: Vec::new(),
    };
    let feature = query.get("feature").filter(|name| !name.is_empty());
    super::answer(key, &state, call, feature).await
}
