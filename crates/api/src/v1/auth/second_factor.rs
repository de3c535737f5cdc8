//! Second factors, of which there are none: nobody is asked for one, so no step of theirs can be taken.

use serde::Serialize;
use utoipa::ToSchema;

use super::wire::SessionBody;
use crate::auth::{Anonymous, UserOnly};
use crate::error::{ApiError, Refusal};
use crate::extract::Body;
use crate::form::{Form, Mode, Parse};
use crate::reply::Reply;
use crate::throttle::{MfaCode, Throttle};

/// A second factor.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveMethod {
    /// Its name.
    pub name: String,
    /// Whether it is asked for first.
    pub is_primary: bool,
}

/// What the second step of signing in is taken with.
#[derive(Debug, ToSchema)]
pub struct SecondStep {
    /// What the first step answered.
    #[schema(rename = "ephemeral_token", value_type = String)]
    _token: String,
    /// A code of the second factor.
    #[schema(rename = "code", value_type = String)]
    _code: String,
}

impl Parse for SecondStep {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let token = form.text("ephemeral_token").required();
        let code = form.text("code").required();
        Some(Self {
            _token: token?,
            _code: code?,
        })
    }
}

/// The caller's second factors: none.
#[utoipa::path(get, path = "/api/v1/auth/mfa/user-active-methods/", tag = "auth",
    responses((status = 200, body = Vec<ActiveMethod>)))]
pub async fn active_methods(_: UserOnly) -> Reply<Vec<ActiveMethod>> {
    Reply(Vec::new())
}

/// The second step of signing in. No first step ever asks for it, so whatever it is taken with is refused.
#[utoipa::path(post, path = "/api/v1/auth/login/code/", tag = "auth", request_body = SecondStep,
    responses((status = 200, body = SessionBody), (status = 400), (status = 401), (status = 429)))]
pub async fn log_in_with_code(
    _: Anonymous,
    _: Throttle<MfaCode>,
    body: Body,
) -> Result<Reply<SessionBody>, ApiError> {
    let _: SecondStep = body.parse(Mode::Create)?;
    Err(Refusal::SecondFactor("Invalid or expired token.".to_owned()).into())
}
