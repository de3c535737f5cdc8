//! What may be granted on an organisation, and what the caller has.

use liftgate_app::access::need::Member;
use liftgate_model::OrganisationPermission;

use crate::access::Organisation;
use crate::auth::SignedIn;
use crate::reply::Reply;
use crate::v1::permissions::wire::{MyPermissions, PermissionBody};

/// What may be granted on an organisation.
#[utoipa::path(get, path = "/api/v1/organisations/permissions/", tag = "organisations",
    responses((status = 200, body = Vec<PermissionBody>)))]
pub async fn all(_: SignedIn) -> Reply<Vec<PermissionBody>> {
    let all = OrganisationPermission::ALL
        .iter()
        .map(|permission| PermissionBody {
            key: permission.key(),
            description: permission.description(),
            supports_tag: false,
        });
    Reply(all.collect())
}

/// What the caller has on an organisation.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/my-permissions/", tag = "organisations",
    responses((status = 200, body = MyPermissions)))]
pub async fn mine(Organisation(on): Organisation<Member>) -> Reply<MyPermissions> {
    let keys = on.grants.permissions.iter().map(|permission| permission.key());
    Reply(MyPermissions::new(on.grants.is_admin, keys))
}
