//! New accounts.

use super::{PASSWORD, account, closed};
use crate::support::keys;
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn the_answer_is_the_account_with_the_token_of_a_session() {
    let server = TestServer::start().await;
    let made = server
        .anonymous()
        .post("/api/v1/auth/users/", account("Ada@Example.COM"))
        .await
        .expect(201);
    assert_eq!(
        keys(&made),
        [
            "first_name",
            "last_name",
            "sign_up_type",
            "email",
            "id",
            "is_active",
            "marketing_consent_given",
            "uuid",
            "key"
        ]
    );
    assert_eq!(made["email"], "ada@example.com");
    assert_eq!(made["is_active"], true);
    let token = made["key"].as_str().unwrap();
    assert!(
        token.len() == 40 && token.bytes().all(|byte| b"0123456789abcdef".contains(&byte)),
        "{token}"
    );
    let me = server
        .anonymous()
        .with_token(token)
        .get("/api/v1/auth/users/me/")
        .await
        .expect(200);
    assert_eq!(me["id"], made["id"]);
    server.stop().await;
}

#[tokio::test]
async fn every_complaint_is_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let sign_up = |body| async {
        server
            .anonymous()
            .post("/api/v1/auth/users/", body)
            .await
            .expect(400)
    };
    assert_eq!(
        sign_up(json!({"email": "nonsense"})).await,
        json!({
            "first_name": ["This field is required."],
            "last_name": ["This field is required."],
            "email": ["Enter a valid email address."],
            "password": ["This field is required."],
        })
    );
    server.sign_up("ada@example.com").await;
    assert_eq!(
        sign_up(account("ADA@example.com")).await,
        json!({"email": ["Email already exists. Please log in."]})
    );
    let mut weak = account("new@example.com");
    weak["password"] = json!("pass");
    assert_eq!(
        sign_up(weak).await,
        json!({"password": [
            "This password is too short. It must contain at least 8 characters.",
            "This password is too common.",
        ]})
    );
    let mut second = account("new@example.com");
    second["superuser"] = json!(true);
    let refused = sign_up(second).await;
    assert_eq!(keys(&refused), ["superuser"]);
    server.stop().await;
}

#[tokio::test]
async fn only_the_first_account_can_administer_the_server() {
    let server = closed().await;
    let mut first = account("first@example.com");
    first["superuser"] = json!(true);
    let made = server
        .anonymous()
        .post("/api/v1/auth/users/", first)
        .await
        .expect(201);
    let client = server.anonymous().with_token(made["key"].as_str().unwrap());
    assert_eq!(
        client.get("/api/v1/auth/users/me/").await.expect(200)["is_superuser"],
        true
    );
    server.stop().await;
}

#[tokio::test]
async fn after_the_first_account_an_invitation_is_needed() {
    let server = closed().await;
    let admin = server.sign_up("admin@example.com").await;
    let refused = server
        .anonymous()
        .post("/api/v1/auth/users/", account("ada@example.com"))
        .await;
    assert!(refused.expect(403)["detail"].is_string());

    let organisation = admin
        .post("/api/v1/organisations/", json!({"name": "Acme"}))
        .await
        .expect(201);
    let invites = format!("/api/v1/organisations/{}/invites/", organisation["id"]);
    admin
        .post(&invites, json!({"email": "Ada@example.com", "role": "USER"}))
        .await
        .expect(201);
    let invited = server
        .anonymous()
        .post("/api/v1/auth/users/", account("ada@example.com"))
        .await;
    invited.expect(201);

    // The secret of a link opens the door for any address.
    admin
        .post(&invites, json!({"email": "bob@example.com", "role": "USER"}))
        .await
        .expect(201);
    let links = format!("/api/liftgate/v1/organisations/{}/invites/", organisation["id"]);
    let links = admin.get(links).await.expect(200);
    let mut other = account("robert@example.com");
    other["invite_hash"] = json!("not a secret");
    server
        .anonymous()
        .post("/api/v1/auth/users/", other.clone())
        .await
        .expect(403);
    let bob = links["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|link| link["email"] == "bob@example.com");
    other["invite_hash"] = bob.unwrap()["hash"].clone();
    server
        .anonymous()
        .post("/api/v1/auth/users/", other)
        .await
        .expect(201);
    server.stop().await;
}

#[tokio::test]
async fn of_many_first_accounts_one_is_made() {
    let server = closed().await;
    let tries = (0..8).map(|number| {
        let client = server.anonymous();
        tokio::spawn(async move {
            let mut body = account(&format!("{number}@example.com"));
            body["superuser"] = json!(true);
            client.post("/api/v1/auth/users/", body).await.status
        })
    });
    let mut made = 0;
    for task in tries.collect::<Vec<_>>() {
        let status = task.await.unwrap();
        assert!([201, 400, 403, 409].contains(&status), "{status}");
        made += u32::from(status == 201);
    }
    assert_eq!(made, 1);
    server.stop().await;
}

#[tokio::test]
async fn passwords_are_not_repeated_in_answers() {
    let server = TestServer::start().await;
    let made = server
        .anonymous()
        .post("/api/v1/auth/users/", account("ada@example.com"))
        .await;
    assert!(!made.text.contains(PASSWORD));
    server.stop().await;
}
