//! The caller's own account.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, accounts};
use liftgate_model::account::User;

use super::wire::{AccountDeletion, Me, ProfileBody};
use crate::auth::UserOnly;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::{NoContent, Reply};

/// The caller's account. Master keys have none and get 403, where the reference server fails.
#[utoipa::path(get, path = "/api/v1/auth/users/me/", tag = "auth", responses((status = 200, body = Me)))]
pub async fn read(UserOnly(user): UserOnly) -> Reply<Me> {
    Reply((&user).into())
}

/// Changes the caller's names; the address cannot change.
#[utoipa::path(put, path = "/api/v1/auth/users/me/", tag = "auth", request_body = ProfileBody,
    responses((status = 200, body = Me)))]
pub async fn update(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<Me>, ApiError> {
    change(&app, &user, &body, Mode::Put).await
}

/// Changes some of the caller's names.
#[utoipa::path(patch, path = "/api/v1/auth/users/me/", tag = "auth", request_body = ProfileBody,
    responses((status = 200, body = Me)))]
pub async fn patch(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<Me>, ApiError> {
    change(&app, &user, &body, Mode::Patch).await
}

/// Deletes the caller's account; the password is needed.
#[utoipa::path(delete, path = "/api/v1/auth/users/me/", tag = "auth", request_body = AccountDeletion,
    responses((status = 204)))]
pub async fn delete(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<NoContent, ApiError> {
    let deletion: AccountDeletion = body.parse(Mode::Create)?;
    let with_orphans = deletion.delete_orphan_organisations;
    accounts::delete(&app, &user, deletion.current_password, with_orphans).await?;
    Ok(NoContent)
}

async fn change(app: &App, user: &User, body: &Body, mode: Mode) -> Result<Reply<Me>, ApiError> {
    let profile: ProfileBody = body.parse(mode)?;
    let user = accounts::update(app, user, profile.into()).await?;
    Ok(Reply((&user).into()))
}
