//! One flag.

use axum::RequestExt as _;
use axum::extract::{Request, State};
use axum::response::Response;

use super::context::Context;
use super::key::OfrepKey;
use super::{OfrepError, identify};
use crate::extract::PathText;
use crate::extract::path::TextName;
use crate::sdk::{SdkState, reply};

/// The flag in the path.
#[derive(Debug)]
pub(super) struct FlagKey;

impl TextName for FlagKey {
    const NAME: &'static str = "flag_key";
}

/// Evaluates one flag (OFREP).
///
/// Names of flags are told apart by case.
#[utoipa::path(
    post,
    path = "/ofrep/v1/evaluate/flags/{flag_key}",
    tag = "ofrep",
    params(("flag_key" = String, Path, description = "The name of the feature.")),
    responses(
        (status = 200, description = "`key`, `value` unless the client is to use its own, `variant`, `reason` and `metadata`."),
        (status = 400, description = "The body or the context cannot be read."),
        (status = 404, description = "There is no such flag."),
    ),
)]
pub(super) async fn evaluate(
    OfrepKey(key): OfrepKey,
    State(state): State<SdkState>,
    mut request: Request,
) -> Result<Response, OfrepError> {
    let name = request.extract_parts::<PathText<FlagKey>>().await?.text;
    let evaluated = async {
        let context = Context::read(request).await?;
        identify(&key, &state, context).await
    };
    let identified = evaluated.await.map_err(|error| error.about(&name))?;
    let flag = match &identified {
        Some(identified) => identified.ofrep_flag(&name),
        None => key.snapshot.ofrep_flag(key.kind, &name),
    };
    let flag = flag.ok_or_else(|| OfrepError::no_such_flag(&name))?;
    Ok(reply::vary_on(reply::json(flag), &reply::OFREP))
}
