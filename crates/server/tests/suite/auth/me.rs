//! The caller's own account.

use super::PASSWORD;
use crate::support::keys;
use liftgate_testkit::TestServer;
use serde_json::json;

const ME: &str = "/api/v1/auth/users/me/";

#[tokio::test]
async fn the_account_shows_and_its_names_change() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    let me = client.get(ME).await.expect(200);
    assert_eq!(
        keys(&me),
        [
            "first_name",
            "last_name",
            "sign_up_type",
            "id",
            "email",
            "auth_type",
            "is_superuser",
            "date_joined",
            "uuid",
            "pylon_email_signature",
            "onboarding"
        ]
    );
    assert_eq!(
        (&me["auth_type"], &me["is_superuser"], &me["onboarding"]),
        (&json!("EMAIL"), &json!(false), &json!(null))
    );
    let required = json!({"last_name": ["This field is required."]});
    assert_eq!(
        client.put(ME, json!({"first_name": "Ada"})).await.expect(400),
        required
    );
    let body = json!({"first_name": "Ada", "last_name": "King", "sign_up_type": "NO_INVITE", "email": "new@example.com"});
    let changed = client.put(ME, body).await.expect(200);
    assert_eq!(changed["last_name"], "King");
    assert_eq!(changed["sign_up_type"], "NO_INVITE");
    assert_eq!(changed["email"], "ada@example.com");
    let patched = client
        .patch(ME, json!({"last_name": "Lovelace"}))
        .await
        .expect(200);
    assert_eq!(
        (&patched["first_name"], &patched["last_name"]),
        (&json!("Ada"), &json!("Lovelace"))
    );
    server.stop().await;
}

#[tokio::test]
async fn what_the_first_steps_page_sends_is_merged() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    let path = "/api/v1/auth/users/me/onboarding/";
    let text = "At least one of 'tasks' or 'tools' or 'hosting_preferences' must be provided.";
    assert_eq!(
        client.patch(path, json!({})).await.expect(400),
        json!({"non_field_errors": [text]})
    );
    let tools = json!({"tools": {"integrations": ["slack"]}});
    client.patch(path, tools).await.expect(204);
    let onboarding = client.get(ME).await.expect(200)["onboarding"].clone();
    assert_eq!(
        onboarding,
        json!({"tasks": [], "tools": {"completed": true, "integrations": ["slack"]}})
    );
    let tasks = json!({"tasks": [{"name": "first-flag", "completed_at": "2026-01-02T03:04:05Z"}]});
    client.patch(path, tasks).await.expect(204);
    let onboarding = client.get(ME).await.expect(200)["onboarding"].clone();
    assert_eq!(
        onboarding["tasks"],
        json!([{"name": "first-flag", "completed_at": "2026-01-02T03:04:05.000000Z"}])
    );
    assert_eq!(onboarding["tools"]["integrations"], json!(["slack"]));
    server.stop().await;
}

#[tokio::test]
async fn others_are_nobodys_business() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    let hidden = json!({"detail": "Not found."});
    assert_eq!(client.get("/api/v1/auth/users/").await.expect(404), hidden);
    assert_eq!(client.get("/api/v1/auth/users/1/").await.expect(404), hidden);
    assert_eq!(client.delete("/api/v1/auth/users/1/").await.expect(404), hidden);
    assert_eq!(
        client
            .get("/api/v1/auth/mfa/user-active-methods/")
            .await
            .expect(200),
        json!([])
    );
    server.stop().await;
}

#[tokio::test]
async fn an_account_is_deleted_with_its_password_and_its_orphans_if_wished() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let wrong = json!({"current_password": "wrong"});
    let refused = json!({"current_password": ["Invalid password."]});
    let send = |client: liftgate_testkit::Client, body| async move {
        client.send(reqwest::Method::DELETE, ME, Some(body)).await
    };
    assert_eq!(send(workspace.client.clone(), wrong).await.expect(400), refused);
    workspace.sdk().get("/api/v1/flags/").await.expect(200);
    let body = json!({"current_password": PASSWORD, "delete_orphan_organisations": true});
    send(workspace.client.clone(), body).await.expect(204);
    workspace.client.get(ME).await.expect(401);
    let sdk = workspace.sdk().get("/api/v1/flags/").await;
    assert!([401, 403].contains(&sdk.status), "{}", sdk.text);
    server.sign_up("admin@example.com").await;
    server.stop().await;
}
