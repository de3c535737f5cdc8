//! Makes accounts.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, accounts};

use super::wire::{AccountBody, NewAccountBody};
use crate::auth::Anonymous;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::Created;
use crate::throttle::{Signup, Throttle};

/// Makes an account and opens its first session.
///
/// Open until the first account exists; then an invitation is needed, unless registration is configured to be open.
#[utoipa::path(post, path = "/api/v1/auth/users/", tag = "auth", request_body = NewAccountBody,
    responses((status = 201, body = AccountBody)))]
pub async fn sign_up(
    _: Anonymous,
    _: Throttle<Signup>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<AccountBody>, ApiError> {
    let new: NewAccountBody = body.parse(Mode::Create)?;
    let (user, token) = accounts::sign_up(&app, new.into()).await?;
    Ok(Created::new(AccountBody::new(&user, &token)))
}
