//! What may be granted on an environment, and what the caller has.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, Error};
use liftgate_model::EnvironmentPermission;

use crate::access::ENVIRONMENT_KEY;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::PathText;
use crate::extract::path::TextName;
use crate::reply::Reply;
use crate::v1::permissions::wire::{MyPermissions, PermissionBody};

/// The client-side key in the path.
#[derive(Debug)]
pub struct EnvironmentKey;

impl TextName for EnvironmentKey {
    const NAME: &'static str = ENVIRONMENT_KEY;
}

/// What may be granted on an environment.
#[utoipa::path(get, path = "/api/v1/environments/permissions/", tag = "environments",
    responses((status = 200, body = Vec<PermissionBody>)))]
pub async fn all(_: SignedIn) -> Reply<Vec<PermissionBody>> {
    let all = EnvironmentPermission::ALL
        .iter()
        .map(|permission| PermissionBody {
            key: permission.key(),
            description: permission.description(),
            supports_tag: permission.supports_tag(),
        });
    Reply(all.collect())
}

/// What the caller has on an environment, which may be nothing; master keys get 400. Who has nothing on the environment
/// and does not see its project gets 404.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/my-permissions/", tag = "environments",
    responses((status = 200, body = MyPermissions), (status = 400)))]
pub async fn mine(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    key: PathText<EnvironmentKey>,
) -> Result<Reply<MyPermissions>, ApiError> {
    let grants = app.access().environment_permissions(&actor, &key.text).await?;
    if actor.user().is_none() {
        return Err(Error::detail(MyPermissions::NOT_FOR_KEYS).into());
    }
    let keys = grants.permissions.iter().map(|permission| permission.key());
    Ok(Reply(MyPermissions::new(grants.is_admin, keys)))
}
