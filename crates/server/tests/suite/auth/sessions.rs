//! Sessions open, run out and end.

use super::{PASSWORD, log_in};
use liftgate_testkit::{Client, TestServer};
use serde_json::json;

const ME: &str = "/api/v1/auth/users/me/";
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

async fn signed_in(server: &TestServer, email: &str) -> Client {
    let key = log_in(server, email, PASSWORD).await.expect(200);
    assert_eq!(key.as_object().unwrap().len(), 1, "{key}");
    server.anonymous().with_token(key["key"].as_str().unwrap())
}

async fn is_open(client: &Client) -> bool {
    let answer = client.get(ME).await;
    if answer.status == 401 {
        assert_eq!(answer.body, json!({"detail": "Invalid token."}));
        assert_eq!(answer.header("www-authenticate"), Some("Cookie realm=\"api\""));
    }
    answer.status == 200
}

#[tokio::test]
async fn each_sign_in_opens_a_session_of_its_own() {
    let server = TestServer::start().await;
    let first = server.sign_up("ada@example.com").await;
    let second = signed_in(&server, " ADA@example.com ").await;
    let third = signed_in(&server, "ada@example.com").await;
    assert!(second.get(ME).await.expect(200).get("last_login").is_none());
    second.post("/api/v1/auth/logout/", json!({})).await.expect(204);
    assert!(!is_open(&second).await && is_open(&first).await && is_open(&third).await);
    first.delete("/api/v1/auth/token/").await.expect(204);
    assert!(!is_open(&first).await && !is_open(&third).await);
    server.stop().await;
}

#[tokio::test]
async fn credentials_that_do_not_fit_are_refused_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    let refused = |header: &'static str| {
        let client = anonymous.with("authorization", header);
        async move {
            client.get(ME).await.expect(401)["detail"]
                .as_str()
                .unwrap()
                .to_owned()
        }
    };
    let not_provided = "Authentication credentials were not provided.";
    assert_eq!(anonymous.get(ME).await.expect(401)["detail"], not_provided);
    assert_eq!(
        refused("Token 0000000000000000000000000000000000000000").await,
        "Invalid token."
    );
    assert_eq!(
        refused("Api-Key abcdefgh.secret").await,
        "Valid Master API Key not found."
    );
    assert_eq!(
        refused("Api-Key nonsense").await,
        "Valid Master API Key not found."
    );
    assert_eq!(refused("Bearer nonsense").await, not_provided);
    server.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_without_use() {
    let server = TestServer::start().await;
    let used = server.sign_up("ada@example.com").await;
    let left = signed_in(&server, "ada@example.com").await;
    server.clock.advance_seconds(11 * HOUR);
    assert!(is_open(&used).await);
    server.clock.advance_seconds(2 * HOUR);
    assert!(is_open(&used).await);
    assert!(!is_open(&left).await);
    server.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_much_it_is_used() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    for _ in 0..71 {
        server.clock.advance_seconds(10 * HOUR);
        assert!(is_open(&client).await);
    }
    server.clock.advance_seconds(30 * DAY - 710 * HOUR);
    assert!(!is_open(&client).await);
    server.stop().await;
}

#[tokio::test]
async fn a_master_key_has_no_account() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let path = format!(
        "/api/v1/organisations/{}/master-api-keys/",
        workspace.organisation
    );
    let key = workspace
        .client
        .post(path, json!({"name": "ci"}))
        .await
        .expect(201);
    let machine = server.anonymous().with(
        "authorization",
        format!("Api-Key {}", key["key"].as_str().unwrap()),
    );
    machine.get(ME).await.expect(403);
    machine.post("/api/v1/auth/logout/", json!({})).await.expect(403);
    server.stop().await;
}
