//! What may be granted on a project, and what the caller has.

use liftgate_app::Error;
use liftgate_app::access::need::ViewProject;
use liftgate_model::ProjectPermission;

use crate::access::VisibleProject;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::reply::Reply;
use crate::v1::permissions::wire::{MyPermissions, PermissionBody};

/// What may be granted on a project.
#[utoipa::path(get, path = "/api/v1/projects/permissions/", tag = "projects",
    responses((status = 200, body = Vec<PermissionBody>)))]
pub async fn all(_: SignedIn) -> Reply<Vec<PermissionBody>> {
    let all = ProjectPermission::ALL.iter().map(|permission| PermissionBody {
        key: permission.key(),
        description: permission.description(),
        supports_tag: permission.supports_tag(),
    });
    Reply(all.collect())
}

/// What the caller has on a project; master keys get 400.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/my-permissions/", tag = "projects",
    responses((status = 200, body = MyPermissions), (status = 400)))]
pub async fn mine(VisibleProject(on): VisibleProject<ViewProject>) -> Result<Reply<MyPermissions>, ApiError> {
    if on.actor.user().is_none() {
        return Err(Error::detail(MyPermissions::NOT_FOR_KEYS).into());
    }
    let keys = on.grants.permissions.iter().map(|permission| permission.key());
    Ok(Reply(MyPermissions::new(on.grants.is_admin, keys)))
}
