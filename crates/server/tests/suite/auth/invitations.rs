//! Invitations and joining (contract, admin API, sections 1.3 and 2.4).

use crate::support::{id, keys, member};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

fn path(workspace: &Workspace, below: &str) -> String {
    format!("/api/v1/organisations/{}/{below}", workspace.organisation)
}

/// The secret of the link of an address.
async fn secret(workspace: &Workspace, email: &str) -> String {
    let links = format!(
        "/api/liftgate/v1/organisations/{}/invites/",
        workspace.organisation
    );
    let links = workspace.client.get(links).await.expect(200);
    let link = links["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|link| link["email"] == email)
        .unwrap()
        .clone();
    link["hash"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_is_made_listed_and_taken_back() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let body = json!({"email": "ada@example.com", "role": "USER", "permission_groups": []});
    let made = admin
        .post(path(&workspace, "invites/"), body.clone())
        .await
        .expect(201);
    assert_eq!(
        keys(&made),
        ["id", "email", "role", "date_created", "permission_groups"]
    );
    let twice = json!({"email": ["Invite for email ada@example.com already exists"]});
    assert_eq!(
        admin.post(path(&workspace, "invites/"), body).await.expect(400),
        twice
    );
    let listed = admin.get(path(&workspace, "invites/")).await.expect(200);
    let row = &listed["results"][0];
    assert_eq!(
        keys(row),
        ["id", "email", "date_created", "invited_by", "permission_groups"]
    );
    assert_eq!(row["invited_by"]["email"], "admin@example.com");
    let one = path(&workspace, &format!("invites/{}/", id(&made)));
    assert_eq!(admin.get(&one).await.expect(200), *row);
    let resent = admin.post(format!("{one}resend/"), json!({})).await;
    assert_eq!((resent.status, resent.text.as_str()), (200, ""));
    admin.delete(&one).await.expect(204);
    let gone = json!({"detail": "No Invite matches the given query."});
    assert_eq!(admin.get(&one).await.expect(404), gone);
    let group = json!({"email": "bob@example.com", "role": "USER", "permission_groups": [7]});
    let group = admin.post(path(&workspace, "invites/"), group).await.expect(400);
    assert_eq!(
        group,
        json!({"permission_groups": ["Invalid pk \"7\" - object does not exist."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn several_are_invited_at_once_or_none() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let admin = &workspace.client;
    let body = json!({"invites": [{"email": "a@example.com", "role": "ADMIN"}], "emails": ["b@example.com"]});
    let made = admin.post(path(&workspace, "invite/"), body).await.expect(201);
    assert_eq!(made.as_array().unwrap().len(), 2);
    assert_eq!(
        keys(&made[0]),
        [
            "id",
            "email",
            "role",
            "date_created",
            "invited_by",
            "permission_groups"
        ]
    );
    assert_eq!(
        keys(&made[0]["invited_by"]),
        ["id", "email", "first_name", "last_name"]
    );
    assert_eq!(
        (&made[0]["role"], &made[1]["role"]),
        (&json!("ADMIN"), &json!("USER"))
    );
    let body = json!({"invites": [{"email": "c@example.com", "role": "USER"}, {"email": "a@example.com", "role": "USER"}]});
    let refused = admin.post(path(&workspace, "invite/"), body).await.expect(400);
    assert_eq!(
        refused,
        json!({"invites": [{}, {"email": ["Invite for email a@example.com already exists"]}]})
    );
    let refused = admin
        .post(path(&workspace, "invite/"), json!({"emails": ["b@example.com"]}))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"emails": ["Invite for email b@example.com already exists"]})
    );
    let listed = admin.get(path(&workspace, "invites/")).await.expect(200);
    assert_eq!(listed["count"], 2);
    server.stop().await;
}

#[tokio::test]
async fn only_who_is_invited_joins_and_only_once() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let body = json!({"email": "ada@example.com", "role": "ADMIN"});
    workspace
        .client
        .post(path(&workspace, "invites/"), body)
        .await
        .expect(201);
    let link = format!(
        "/api/v1/users/join/{}/",
        secret(&workspace, "ada@example.com").await
    );
    let other = server.sign_up("bob@example.com").await;
    assert!(other.post(&link, json!({})).await.expect(400)["detail"].is_string());
    let ada = server.sign_up("ada@example.com").await;
    let joined = ada.post(&link, json!({})).await.expect(200);
    assert_eq!(
        (&joined["id"], &joined["role"], &joined["num_seats"]),
        (&json!(workspace.organisation), &json!("ADMIN"), &json!(2))
    );
    let used = json!({"detail": "No Invite matches the given query."});
    assert_eq!(ada.post(&link, json!({})).await.expect(404), used);
    server.anonymous().post(&link, json!({})).await.expect(401);
    ada.get(path(&workspace, "")).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_plain_member_neither_sees_nor_makes_invitations() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let plain = member(&server, &workspace, "plain@example.com", &["VIEW_PROJECT"], &[]).await;
    let detail: Value = json!({"detail": "User does not have sufficient privileges to perform this action"});
    assert_eq!(plain.get(path(&workspace, "invites/")).await.expect(403), detail);
    assert_eq!(
        plain
            .post(path(&workspace, "invites/"), json!({}))
            .await
            .expect(403),
        detail
    );
    plain
        .post(path(&workspace, "invite/"), json!({}))
        .await
        .expect(403);
    let links = format!(
        "/api/liftgate/v1/organisations/{}/invites/",
        workspace.organisation
    );
    plain.get(links).await.expect(403);
    server.stop().await;
}
