//! What users are granted on a project.

use liftgate_model::UserId;

use super::wire::MyPermissions;

super::grants::grants!(
    GuardedProject,
    list for Admin,
    all at "/api/v1/projects/{project_id}/user-permissions/",
    one at "/api/v1/projects/{project_id}/user-permissions/{grant_id}/"
);

/// What a member has on the project, however they came by it.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/all-user-permissions/{user_id}/", tag = "permissions",
    responses((status = 200, body = MyPermissions)))]
pub async fn effective(
    GuardedProject(on): GuardedProject<Admin>,
    State(app): State<Arc<App>>,
    PathId(user): PathId<UserId>,
) -> Result<Reply<MyPermissions>, ApiError> {
    let grants = permissions::effective(&app, &on, user).await?;
    let keys = grants.permissions.iter().map(|permission| permission.key());
    Ok(Reply(MyPermissions::new(grants.is_admin, keys)))
}
