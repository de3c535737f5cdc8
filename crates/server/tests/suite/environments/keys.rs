//! Server-side keys.

use crate::support::{FORBIDDEN, id, keys, member};
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn a_key_is_accepted_while_it_is_there_active_and_not_expired() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (client, all) = (&workspace.client, workspace.path("api-keys/"));
    assert_eq!(
        client.post(&all, json!({})).await.expect(400),
        json!({"name": ["This field is required."]})
    );
    let made = client
        .post(&all, json!({"name": "backend", "key": "ser.mine"}))
        .await
        .expect(201);
    assert_eq!(
        keys(&made),
        ["id", "key", "active", "created_at", "name", "expires_at"]
    );
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("ser.") && key.len() == 26, "{key}");
    assert_eq!(client.get(&all).await.expect(200), json!([made]));
    let sdk = server.anonymous().with_environment_key(key);
    let document = |status: &'static [u16]| {
        let sdk = sdk.clone();
        async move {
            let answer = sdk.get("/api/v1/environment-document/").await;
            assert!(
                status.contains(&answer.status),
                "{} {}",
                answer.status,
                answer.text
            );
        }
    };
    document(&[200]).await;
    let one = format!("{all}{}/", id(&made));
    client.patch(&one, json!({"active": false})).await.expect(200);
    document(&[401, 403]).await;
    let changed = client
        .put(
            &one,
            json!({"name": "renamed", "active": true, "expires_at": "2100-01-01T00:00:00Z"}),
        )
        .await;
    assert_eq!(changed.expect(200)["expires_at"], "2100-01-01T00:00:00.000000Z");
    document(&[200]).await;
    client
        .patch(&one, json!({"expires_at": "2020-01-01T00:00:00Z"}))
        .await
        .expect(200);
    document(&[401, 403]).await;
    client.patch(&one, json!({"expires_at": null})).await.expect(200);
    document(&[200]).await;
    client.get(&one).await.expect(405);
    client.delete(&one).await.expect(204);
    document(&[401, 403]).await;
    assert_eq!(client.get(&all).await.expect(200), json!([]));
    server.stop().await;
}

#[tokio::test]
async fn only_admins_of_the_environment_see_keys() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    let forbidden = json!({"detail": FORBIDDEN});
    assert_eq!(
        viewer.get(workspace.path("api-keys/")).await.expect(403),
        forbidden
    );
    assert_eq!(
        viewer
            .get("/api/v1/environments/unknown/api-keys/")
            .await
            .expect(403),
        forbidden
    );
    let made = workspace
        .client
        .post(workspace.path("api-keys/"), json!({"name": "x"}))
        .await
        .expect(201);
    let other = json!({"name": "Staging", "project": workspace.project});
    let other = workspace
        .client
        .post("/api/v1/environments/", other)
        .await
        .expect(201);
    let theirs = format!(
        "/api/v1/environments/{}/api-keys/{}/",
        other["api_key"].as_str().unwrap(),
        id(&made)
    );
    workspace
        .client
        .patch(&theirs, json!({"active": false}))
        .await
        .expect(404);
    workspace.client.delete(&theirs).await.expect(404);
    server.stop().await;
}
