//! Changing a password, and getting in again without one.

use super::{PASSWORD, log_in};
use liftgate_app::accounts;
use liftgate_testkit::TestServer;
use serde_json::json;

const SET: &str = "/api/v1/auth/users/set_password/";
const NEW: &str = "another s0und phrase";

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    let other = log_in(&server, "ada@example.com", PASSWORD).await.expect(200);
    let other = server.anonymous().with_token(other["key"].as_str().unwrap());
    let recorded = json!({
        "re_new_password": ["This field is required."],
        "current_password": ["Invalid password."],
    });
    let bad = json!({"current_password": "wrong", "new_password": NEW});
    assert_eq!(client.post(SET, bad).await.expect(400), recorded);
    let weak =
        json!({"current_password": PASSWORD, "new_password": "12345678", "re_new_password": "12345678"});
    assert_eq!(
        client.post(SET, weak).await.expect(400),
        json!({"new_password": ["This password is too common.", "This password is entirely numeric."]})
    );
    let differing = json!({"current_password": PASSWORD, "new_password": NEW, "re_new_password": "else"});
    assert!(client.post(SET, differing).await.expect(400)["non_field_errors"].is_array());
    let good = json!({"current_password": PASSWORD, "new_password": NEW, "re_new_password": NEW});
    client.post(SET, good).await.expect(204);
    client.get("/api/v1/auth/users/me/").await.expect(200);
    other.get("/api/v1/auth/users/me/").await.expect(401);
    log_in(&server, "ada@example.com", PASSWORD).await.expect(400);
    log_in(&server, "ada@example.com", NEW).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn asking_for_a_new_password_tells_nothing() {
    let server = TestServer::start().await;
    server.sign_up("ada@example.com").await;
    for body in [
        json!({"email": "ada@example.com"}),
        json!({"email": "nobody@example.com"}),
        json!({}),
    ] {
        server
            .anonymous()
            .post("/api/v1/auth/users/reset_password/", body)
            .await
            .expect(204);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_link_of_the_operator_sets_a_new_password_once() {
    let server = TestServer::start().await;
    let client = server.sign_up("ada@example.com").await;
    assert!(
        accounts::create_reset_link(&server.app, "nobody@example.com")
            .await
            .unwrap()
            .is_none()
    );
    let old = accounts::create_reset_link(&server.app, "ada@example.com")
        .await
        .unwrap()
        .unwrap();
    let link = accounts::create_reset_link(&server.app, "ADA@example.com")
        .await
        .unwrap()
        .unwrap();
    let confirm = |uid: &str, token: &str| {
        let body = json!({"uid": uid, "token": token, "new_password": NEW, "re_new_password": NEW});
        let anonymous = server.anonymous();
        async move {
            anonymous
                .post("/api/v1/auth/users/reset_password_confirm/", body)
                .await
        }
    };
    let unknown = json!({"uid": ["Invalid user id or user doesn't exist."]});
    assert_eq!(confirm("ffff", link.token.expose()).await.expect(400), unknown);
    let wrong = json!({"token": ["Invalid token for given user."]});
    assert_eq!(confirm(&link.uid, old.token.expose()).await.expect(400), wrong);
    confirm(&link.uid, link.token.expose()).await.expect(204);
    assert_eq!(confirm(&link.uid, link.token.expose()).await.expect(400), wrong);
    client.get("/api/v1/auth/users/me/").await.expect(401);
    log_in(&server, "ada@example.com", NEW).await.expect(200);
    let late = accounts::create_reset_link(&server.app, "ada@example.com")
        .await
        .unwrap()
        .unwrap();
    server.clock.advance_seconds(86_400);
    assert_eq!(confirm(&late.uid, late.token.expose()).await.expect(400), wrong);
    server.stop().await;
}
