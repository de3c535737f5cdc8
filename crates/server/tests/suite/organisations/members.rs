//! Members, and the lists of what does not exist here.

use super::path;
use crate::support::{id, keys, member};
use liftgate_testkit::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn members_are_listed_with_their_roles() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let listed = plain.get(path(&workspace, "users/")).await.expect(200);
    assert_eq!(
        keys(&listed[0]),
        [
            "id",
            "email",
            "first_name",
            "last_name",
            "last_login",
            "uuid",
            "role",
            "date_joined"
        ]
    );
    let roles: Vec<(&Value, &Value)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["email"], &row["role"]))
        .collect();
    assert_eq!(
        roles,
        [
            (&json!("admin@example.com"), &json!("ADMIN")),
            (&json!("plain@example.com"), &json!("USER"))
        ]
    );
    let others = plain
        .get(path(&workspace, "users/?exclude_current=true"))
        .await
        .expect(200);
    assert_eq!(others.as_array().unwrap().len(), 1);
    assert_eq!(others[0]["email"], "admin@example.com");
    server.stop().await;
}

#[tokio::test]
async fn roles_change_and_who_is_no_admin_any_more_signs_in_again() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &[], &[]).await;
    let user = id(&plain.get("/api/v1/auth/users/me/").await.expect(200));
    let role = path(&workspace, &format!("users/{user}/update-role/"));
    plain.post(&role, json!({"role": "ADMIN"})).await.expect(403);
    let promoted = workspace
        .client
        .post(&role, json!({"role": "ADMIN"}))
        .await
        .expect(200);
    assert_eq!(
        (&promoted["role"], &promoted["id"]),
        (&json!("ADMIN"), &json!(user))
    );
    plain.get(path(&workspace, "")).await.expect(200);
    let bad = workspace
        .client
        .post(&role, json!({"role": "OWNER"}))
        .await
        .expect(400);
    assert_eq!(bad, json!({"role": ["\"OWNER\" is not a valid choice."]}));
    workspace
        .client
        .post(&role, json!({"role": "USER"}))
        .await
        .expect(200);
    plain.get(path(&workspace, "")).await.expect(401);
    let unknown = path(&workspace, "users/4711/update-role/");
    workspace
        .client
        .post(unknown, json!({"role": "USER"}))
        .await
        .expect(404);
    server.stop().await;
}

#[tokio::test]
async fn whoever_is_removed_keeps_nothing() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let gone = member(
        &server,
        &workspace,
        "gone@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let user = id(&gone.get("/api/v1/auth/users/me/").await.expect(200));
    let remove = path(&workspace, "remove-users/");
    gone.post(&remove, json!([])).await.expect(403);
    let refused = workspace
        .client
        .post(&remove, json!([{"id": user}, {"id": 4711}]))
        .await
        .expect(400);
    assert_eq!(refused, json!([{}, {"id": ["User with id 4711 does not exist"]}]));
    gone.get(workspace.project_path("")).await.expect(200);
    let removed = workspace
        .client
        .post(&remove, json!([{"id": user}]))
        .await
        .expect(200);
    assert_eq!(removed, json!([{"id": user}]));
    gone.get(workspace.project_path("")).await.expect(401);
    let login = json!({"email": "gone@example.com", "password": "a sound p4ssphrase"});
    let key = server
        .anonymous()
        .post("/api/v1/auth/login/", login)
        .await
        .expect(200);
    let back = server.anonymous().with_token(key["key"].as_str().unwrap());
    back.get(workspace.project_path("")).await.expect(404);
    back.get(workspace.path("")).await.expect(404);
    let grants = workspace
        .client
        .get(workspace.project_path("user-permissions/"))
        .await
        .expect(200);
    assert!(
        grants
            .as_array()
            .unwrap()
            .iter()
            .all(|grant| grant["user"]["id"] != user),
        "{grants}"
    );
    server.stop().await;
}
