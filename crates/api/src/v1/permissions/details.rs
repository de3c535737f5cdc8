//! Where a member's permissions come from.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::{Member, ViewEnvironment, ViewProject};
use liftgate_app::permission_details::{self, Details, Origin};
use liftgate_model::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Organisation, VisibleEnvironment, VisibleProject};
use crate::error::ApiError;
use crate::extract::PathId;
use crate::reply::Reply;
use crate::v1::groups::wire::GroupSummary;

/// Groups through which something was granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct DerivedFrom {
    groups: Vec<GroupSummary>,
    /// Always empty.
    roles: Vec<String>,
}

impl DerivedFrom {
    fn new(origin: Origin) -> Self {
        Self {
            groups: origin.groups.into_iter().map(Into::into).collect(),
            roles: Vec::new(),
        }
    }
}

/// One permission, and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailedPermission {
    #[schema(example = "VIEW_PROJECT")]
    permission_key: &'static str,
    is_directly_granted: bool,
    derived_from: DerivedFrom,
}

/// What a member has. Who administers the resource has everything, and no permissions are listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailedPermissions {
    admin: bool,
    is_directly_granted: bool,
    derived_from: DerivedFrom,
    permissions: Vec<DetailedPermission>,
}

impl From<Details> for DetailedPermissions {
    fn from(details: Details) -> Self {
        let permission = |(key, origin): (&'static str, Origin)| DetailedPermission {
            permission_key: key,
            is_directly_granted: origin.is_direct,
            derived_from: DerivedFrom::new(origin),
        };
        Self {
            admin: details.is_admin,
            is_directly_granted: details.origin.is_direct,
            derived_from: DerivedFrom::new(details.origin),
            permissions: details.permissions.into_iter().map(permission).collect(),
        }
    }
}

/// What a member has on the organisation, and where it comes from: for themselves and for admins.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/user-detailed-permissions/{user_id}/",
    tag = "permissions", responses((status = 200, body = DetailedPermissions)))]
pub async fn on_organisation(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    PathId(user): PathId<UserId>,
) -> Result<Reply<DetailedPermissions>, ApiError> {
    let details = permission_details::on_organisation(&app, &on, user).await?;
    Ok(Reply(details.into()))
}

/// What a member has on the project, and where it comes from: for themselves and for admins.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/user-detailed-permissions/{user_id}/", tag = "permissions",
    responses((status = 200, body = DetailedPermissions)))]
pub async fn on_project(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    PathId(user): PathId<UserId>,
) -> Result<Reply<DetailedPermissions>, ApiError> {
    let details = permission_details::on_project(&app, &on, user).await?;
    Ok(Reply(details.into()))
}

/// What a member has on the environment, and where it comes from: for themselves and for admins.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/user-detailed-permissions/{user_id}/",
    tag = "permissions", responses((status = 200, body = DetailedPermissions)))]
pub async fn on_environment(
    VisibleEnvironment(on): VisibleEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(user): PathId<UserId>,
) -> Result<Reply<DetailedPermissions>, ApiError> {
    let details = permission_details::on_environment(&app, &on, user).await?;
    Ok(Reply(details.into()))
}
