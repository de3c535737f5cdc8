//! Accounts of others, which nobody may see this way.

use liftgate_app::Error;
use liftgate_app::error::Missing;

use crate::auth::UserOnly;
use crate::error::ApiError;
use crate::extract::Body;
use crate::reply::NoContent;

fn hidden() -> ApiError {
    Error::NotFound(Missing::Plain).into()
}

/// 404 for everybody.
#[utoipa::path(get, path = "/api/v1/auth/users/", tag = "auth", responses((status = 404)))]
pub async fn list(_: UserOnly) -> Result<NoContent, ApiError> {
    Err(hidden())
}

/// 404 for everybody.
#[utoipa::path(get, path = "/api/v1/auth/users/{user_id}/", tag = "auth", responses((status = 404)))]
pub async fn read(_: UserOnly) -> Result<NoContent, ApiError> {
    Err(hidden())
}

/// 404 for everybody.
#[utoipa::path(put, path = "/api/v1/auth/users/{user_id}/", tag = "auth", responses((status = 404)))]
pub async fn update(_: UserOnly, _: Body) -> Result<NoContent, ApiError> {
    Err(hidden())
}

/// 404 for everybody.
#[utoipa::path(patch, path = "/api/v1/auth/users/{user_id}/", tag = "auth", responses((status = 404)))]
pub async fn patch(_: UserOnly, _: Body) -> Result<NoContent, ApiError> {
    Err(hidden())
}

/// 404 for everybody.
#[utoipa::path(delete, path = "/api/v1/auth/users/{user_id}/", tag = "auth", responses((status = 404)))]
pub async fn delete(_: UserOnly) -> Result<NoContent, ApiError> {
    Err(hidden())
}
