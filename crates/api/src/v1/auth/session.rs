//! Opens and ends sessions.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, accounts};

use super::current_token::CurrentToken;
use super::wire::{SessionBody, SignInBody};
use crate::auth::{Anonymous, UserOnly};
use crate::client::Client;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::{NoContent, Reply};
use crate::throttle::{Caller, Login, Throttle};

/// Opens a session.
#[utoipa::path(post, path = "/api/v1/auth/login/", tag = "auth", request_body = SignInBody,
    responses((status = 200, body = SessionBody), (status = 400), (status = 429)))]
pub async fn log_in(
    _: Anonymous,
    _: Throttle<Login>,
    State(app): State<Arc<App>>,
    client: Client,
    body: Body,
) -> Result<Reply<SessionBody>, ApiError> {
    let SignInBody { email, password } = body.parse(Mode::Create)?;
    // Failures are counted for the same networks as requests.
    let origin = match Caller::from(client.address) {
        Caller::Address(network) => network,
        Caller::User(_) | Caller::MasterKey(_) => client.address,
    };
    let token = accounts::log_in(&app, &email, password, origin).await?;
    Ok(Reply((&token).into()))
}

/// Ends the session of the request.
#[utoipa::path(post, path = "/api/v1/auth/logout/", tag = "auth", responses((status = 204)))]
pub async fn log_out(
    _: UserOnly,
    State(app): State<Arc<App>>,
    CurrentToken(token): CurrentToken,
) -> Result<NoContent, ApiError> {
    accounts::log_out(&app, &token).await?;
    Ok(NoContent)
}

/// Ends every session of the caller.
#[utoipa::path(delete, path = "/api/v1/auth/token/", tag = "auth", responses((status = 204)))]
pub async fn delete_token(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
) -> Result<NoContent, ApiError> {
    accounts::log_out_everywhere(&app, &user).await?;
    Ok(NoContent)
}
