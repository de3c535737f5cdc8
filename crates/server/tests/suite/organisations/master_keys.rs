//! Organisation-wide API keys.

use super::path;
use crate::support::{keys, member};
use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};

const REFUSED: &str = "Valid Master API Key not found.";

async fn create(workspace: &Workspace, body: Value) -> Value {
    workspace
        .client
        .post(path(workspace, "master-api-keys/"), body)
        .await
        .expect(201)
}

fn machine(server: &TestServer, key: &Value) -> Client {
    server.anonymous().with(
        "authorization",
        format!("Api-Key {}", key["key"].as_str().unwrap()),
    )
}

#[tokio::test]
async fn a_key_is_shown_once() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let key = create(&workspace, json!({"name": "ci"})).await;
    assert_eq!(
        keys(&key),
        [
            "id",
            "prefix",
            "created",
            "name",
            "revoked",
            "expiry_date",
            "key",
            "is_admin",
            "has_expired",
            "created_by"
        ]
    );
    let secret = key["key"].as_str().unwrap();
    let prefix = key["prefix"].as_str().unwrap();
    assert!(
        prefix.len() == 8 && secret.starts_with(&format!("{prefix}.")) && secret.len() > 40,
        "{secret}"
    );
    assert!(key["id"].as_str().unwrap().starts_with(&format!("{prefix}.")));
    let listed = workspace.client.get(path(&workspace, "master-api-keys/")).await;
    assert!(!listed.text.contains(secret));
    let listed = listed.expect(200);
    assert!(listed["results"][0].get("key").is_none());
    let one = path(&workspace, &format!("master-api-keys/{prefix}/"));
    assert_eq!(workspace.client.get(&one).await.expect(200), listed["results"][0]);
    let renamed = workspace
        .client
        .put(&one, json!({"name": "cd"}))
        .await
        .expect(200);
    assert_eq!(renamed["name"], "cd");
    let bad = workspace
        .client
        .post(
            path(&workspace, "master-api-keys/"),
            json!({"name": "x", "is_admin": false}),
        )
        .await;
    assert_eq!(
        bad.expect(400),
        json!({"is_admin": ["RBAC is not installed, cannot create non-admin key"]})
    );
    server.stop().await;
}

#[tokio::test]
async fn a_key_administers_its_organisation_and_no_other() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let other = server.sign_up("other@example.com").await;
    let foreign = other
        .post("/api/v1/organisations/", json!({"name": "Other"}))
        .await
        .expect(201);
    let key = machine(&server, &create(&workspace, json!({"name": "ci"})).await);
    let listed = key.get("/api/v1/organisations/").await.expect(200);
    assert_eq!(
        (&listed["count"], &listed["results"][0]["role"]),
        (&json!(1), &json!("ADMIN"))
    );
    key.get(path(&workspace, "")).await.expect(200);
    key.get(format!("/api/v1/organisations/{}/", foreign["id"]))
        .await
        .expect(403);
    let project = json!({"name": "Made by a key", "organisation": workspace.organisation});
    let project = key.post("/api/v1/projects/", project).await.expect(201);
    let grants = format!("/api/v1/projects/{}/user-permissions/", project["id"]);
    assert_eq!(key.get(grants).await.expect(200), json!([]));
    assert_eq!(
        key.get("/api/v1/projects/")
            .await
            .expect(200)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let refused = json!({"detail": "This endpoint can only be used with a user and not Master API Key"});
    assert_eq!(
        key.get(workspace.project_path("my-permissions/"))
            .await
            .expect(400),
        refused
    );
    assert_eq!(
        key.get(workspace.path("my-permissions/")).await.expect(400),
        refused
    );
    key.post("/api/v1/organisations/", json!({"name": "No"}))
        .await
        .expect(403);
    server.stop().await;
}

#[tokio::test]
async fn keys_do_not_manage_keys() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let key = machine(&server, &create(&workspace, json!({"name": "ci"})).await);
    let refused = json!({"detail": "Authentication credentials were not provided."});
    assert_eq!(
        key.get(path(&workspace, "master-api-keys/")).await.expect(401),
        refused
    );
    assert_eq!(
        key.post(path(&workspace, "master-api-keys/"), json!({"name": "x"}))
            .await
            .expect(401),
        refused
    );
    let plain = member(&server, &workspace, "plain@example.com", &["VIEW_PROJECT"], &[]).await;
    plain.get(path(&workspace, "master-api-keys/")).await.expect(403);
    server.stop().await;
}

#[tokio::test]
async fn keys_that_are_revoked_expired_or_deleted_are_refused_at_once() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let revoked = create(&workspace, json!({"name": "revoked"})).await;
    let deleted = create(&workspace, json!({"name": "deleted"})).await;
    let expired = create(
        &workspace,
        json!({"name": "expired", "expiry_date": "2100-01-01T00:00:00Z"}),
    )
    .await;
    let one = |key: &Value| {
        path(
            &workspace,
            &format!("master-api-keys/{}/", key["prefix"].as_str().unwrap()),
        )
    };
    for key in [&revoked, &deleted, &expired] {
        machine(&server, key).get(path(&workspace, "")).await.expect(200);
    }
    workspace
        .client
        .patch(one(&revoked), json!({"revoked": true}))
        .await
        .expect(200);
    workspace.client.get(one(&revoked)).await.expect(404);
    workspace.client.delete(one(&deleted)).await.expect(204);
    let over = workspace
        .client
        .patch(one(&expired), json!({"expiry_date": "2020-01-01T00:00:00Z"}))
        .await
        .expect(200);
    assert_eq!(over["has_expired"], true);
    for key in [&revoked, &deleted, &expired] {
        let answer = machine(&server, key).get(path(&workspace, "")).await.expect(401);
        assert_eq!(answer, json!({"detail": REFUSED}), "{}", key["name"]);
    }
    let foreign = server.sign_up("other@example.com").await;
    let other = foreign
        .post("/api/v1/organisations/", json!({"name": "Other"}))
        .await
        .expect(201);
    let prefix = expired["prefix"].as_str().unwrap();
    let theirs = format!("/api/v1/organisations/{}/master-api-keys/{prefix}/", other["id"]);
    foreign.get(theirs).await.expect(404);
    server.stop().await;
}
