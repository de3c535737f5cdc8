//! Changing a password, and getting in again without one.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, Error, Invalid, accounts};
use liftgate_model::account::User;

use super::current_token::CurrentToken;
use super::wire::{CurrentPassword, PasswordChange, PasswordReset};
use crate::auth::{Anonymous, UserOnly};
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::NoContent;
use crate::throttle::{Login, Throttle};

/// Changes the caller's password; their other sessions end.
#[utoipa::path(post, path = "/api/v1/auth/users/set_password/", tag = "auth", request_body = PasswordChange,
    responses((status = 204)))]
pub async fn set_password(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    CurrentToken(token): CurrentToken,
    body: Body,
) -> Result<NoContent, ApiError> {
    let change: PasswordChange = match body.parse(Mode::Create) {
        Ok(change) => change,
        Err(error) => return Err(with_current(&app, &user, &body, error).await.into()),
    };
    accounts::change_password(&app, &user, &token, change.current_password, change.new_password).await?;
    Ok(NoContent)
}

/// Complaints about the fields, together with one about a wrong current password: the contract tells both at once.
async fn with_current(app: &App, user: &User, body: &Body, error: Error) -> Error {
    let Error::Invalid(Invalid::Fields(mut fields)) = error else {
        return error;
    };
    if let Ok(CurrentPassword(current)) = body.parse(Mode::Create) {
        match accounts::check_current_password(app, user, current).await {
            Err(Error::Invalid(Invalid::Fields(wrong))) => fields.extend(wrong),
            Err(other) => return other,
            Ok(()) => {}
        }
    }
    Error::Invalid(Invalid::Fields(fields))
}

/// Answers 204 whatever is sent, so that it does not tell who has an account. The server sends no mail: the operator
/// hands out links for a new password.
#[utoipa::path(post, path = "/api/v1/auth/users/reset_password/", tag = "auth", responses((status = 204)))]
pub async fn reset_password(_: Anonymous) -> NoContent {
    NoContent
}

/// Sets a new password with a link from the operator.
#[utoipa::path(post, path = "/api/v1/auth/users/reset_password_confirm/", tag = "auth", request_body = PasswordReset,
    responses((status = 204)))]
pub async fn reset_password_confirm(
    _: Anonymous,
    _: Throttle<Login>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<NoContent, ApiError> {
    let reset: PasswordReset = body.parse(Mode::Create)?;
    accounts::reset_password(&app, &reset.uid, &reset.token, reset.new_password).await?;
    Ok(NoContent)
}
