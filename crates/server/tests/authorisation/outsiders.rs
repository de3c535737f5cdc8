//! Ten outsiders try every operation on objects that are there.

use crate::operations::Operation;
use crate::world::{CANARY, World, with_master_key};
use liftgate_testkit::{Client, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody who has nothing to do with the organisation.
struct Outsider {
    name: &'static str,
    client: Client,
    /// Whether there is an account or a key of another organisation behind it.
    is_signed_in: bool,
}

async fn outsiders(server: &TestServer, world: &World) -> Vec<Outsider> {
    let anonymous = server.anonymous();
    let mut all = vec![
        ("anonymous", anonymous.clone(), false),
        ("a wrong token", anonymous.with_token(&"0".repeat(40)), false),
    ];
    let signed_out = server.sign_up("signed-out@example.com").await;
    signed_out
        .post("/api/v1/auth/logout/", json!({}))
        .await
        .expect(204);
    all.push(("a session that ended", signed_out, false));
    all.push((
        "nobody's member",
        server.sign_up("nobody@example.com").await,
        true,
    ));

    let other = server.sign_up("other@example.com").await;
    let organisation = other
        .post("/api/v1/organisations/", json!({"name": "Other"}))
        .await
        .expect(201);
    let keys = format!("/api/v1/organisations/{}/master-api-keys/", organisation["id"]);
    let key = other.post(keys, json!({"name": "other"})).await.expect(201);
    all.push(("an admin elsewhere", other, true));
    all.push((
        "a master key from elsewhere",
        with_master_key(&anonymous, &key),
        true,
    ));

    let keys = format!(
        "/api/v1/organisations/{}/master-api-keys/",
        world.workspace.organisation
    );
    let insider = &world.workspace.client;
    let revoked = insider.post(&keys, json!({"name": "revoked"})).await.expect(201);
    insider
        .delete(format!("{keys}{}/", revoked["prefix"].as_str().unwrap()))
        .await
        .expect(204);
    let expired = json!({"name": "expired", "expiry_date": "2020-01-01T00:00:00Z"});
    let expired = insider.post(&keys, expired).await.expect(201);
    all.push((
        "a revoked master key",
        with_master_key(&anonymous, &revoked),
        false,
    ));
    all.push((
        "an expired master key",
        with_master_key(&anonymous, &expired),
        false,
    ));
    let client_key = &world.workspace.environment_key;
    all.push((
        "a client-side key as a token",
        anonymous.with_token(client_key),
        false,
    ));
    all.push(("a former member", former_member(server, world).await, true));
    all.into_iter()
        .map(|(name, client, is_signed_in)| Outsider {
            name,
            client,
            is_signed_in,
        })
        .collect()
}

/// Somebody who had permissions, and was removed from the organisation.
async fn former_member(server: &TestServer, world: &World) -> Client {
    let insider = &world.workspace.client;
    let client = server.sign_up("former@example.com").await;
    let organisation = format!("/api/v1/organisations/{}/", world.workspace.organisation);
    let invite = json!({"email": "former@example.com", "role": "USER"});
    let invite = insider
        .post(format!("{organisation}invites/"), invite)
        .await
        .expect(201);
    let own = format!(
        "/api/liftgate/v1/organisations/{}/invites/",
        world.workspace.organisation
    );
    let links = insider.get(own).await.expect(200);
    let links = links
        .as_array()
        .or_else(|| links["results"].as_array())
        .unwrap()
        .clone();
    let link = links.iter().find(|link| link["id"] == invite["id"]).unwrap();
    let hash = link["hash"].as_str().unwrap();
    client
        .post(format!("/api/v1/users/join/{hash}/"), json!({}))
        .await
        .expect(200);
    let user = client.get("/api/v1/auth/users/me/").await.expect(200)["id"].clone();
    for path in [
        world.workspace.project_path("user-permissions/"),
        world.workspace.path("user-permissions/"),
    ] {
        let grant = json!({"user": user, "permissions": [], "admin": true});
        insider.post(path, grant).await.expect(201);
    }
    client.get(world.workspace.path("")).await.expect(200);
    insider
        .post(format!("{organisation}remove-users/"), json!([{"id": user}]))
        .await
        .expect(200);
    // Sessions end with the membership; a new one has nothing left.
    let login = json!({"email": "former@example.com", "password": "a sound p4ssphrase"});
    let token = server
        .anonymous()
        .post("/api/v1/auth/login/", login)
        .await
        .expect(200);
    server.anonymous().with_token(token["key"].as_str().unwrap())
}

/// What the insider reads of everything, without what signing in changes.
async fn everything(client: &Client, operations: &[Operation]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for operation in operations {
        let is_own = operation.is_read() && !operation.is_open() && !operation.is_of_the_data_plane();
        if is_own {
            let mut answer = client.get(&operation.path).await;
            forget_sign_ins(&mut answer.body);
            all.push((operation.path.clone(), answer.body));
        }
    }
    all
}

fn forget_sign_ins(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("last_login");
            members.values_mut().for_each(forget_sign_ins);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_sign_ins),
        _ => {}
    }
}

#[tokio::test]
async fn no_outsider_reads_or_changes_anything() {
    let server = TestServer::start().await;
    let world = World::make(&server).await;
    let outsiders = outsiders(&server, &world).await;
    let operations = Operation::all(&server.anonymous(), &world).await;
    let before = everything(&world.workspace.client, &operations).await;
    let mut wrong = Vec::new();
    let mut checked = 0;
    for operation in operations.iter().filter(|operation| !operation.is_open()) {
        for outsider in &outsiders {
            if outsider.is_signed_in && operation.is_about_the_caller() {
                continue;
            }
            let mut answers = vec![
                outsider
                    .client
                    .send(operation.method.clone(), &operation.path, None)
                    .await,
            ];
            if !operation.is_read() {
                // Neither nonsense nor size nor type of a body is looked at before the refusal.
                for (kind, body) in [
                    ("application/json", b"{".to_vec()),
                    ("text/plain", b"x".to_vec()),
                    ("application/json", vec![b' '; 3 * 1024 * 1024]),
                ] {
                    let method = operation.method.clone();
                    let answer = outsider
                        .client
                        .send_bytes(method, &operation.path, kind, body)
                        .await;
                    answers.push(answer);
                }
            }
            for answer in answers {
                checked += 1;
                let may_be_let_in = outsider.is_signed_in
                    && !operation.names_an_object()
                    && !operation.is_of_the_data_plane();
                let is_refused = if outsider.is_signed_in {
                    [401, 403, 404].contains(&answer.status)
                } else {
                    answer.status == 401 || operation.is_of_the_data_plane() && answer.status == 403
                };
                let is_right = is_refused || may_be_let_in && answer.status < 500;
                if !is_right || answer.text.contains(CANARY) {
                    wrong.push(format!(
                        "{} {} ({}) by {}: {} {}",
                        operation.method,
                        operation.path,
                        operation.who,
                        outsider.name,
                        answer.status,
                        &answer.text[..answer.text.len().min(200)]
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // Reports of usage may be read a few times a minute only.
    server.clock.advance_seconds(61);
    let after = everything(&world.workspace.client, &operations).await;
    for ((path, before), (_, after)) in before.iter().zip(&after) {
        // Lists of the organisation's own master keys and users were not touched either.
        assert_eq!(before, after, "{path} changed");
    }
    println!(
        "{checked} requests by {} outsiders to {} operations refused",
        outsiders.len(),
        operations.len()
    );
    server.stop().await;
}

#[tokio::test]
async fn keys_of_environments_open_no_administration() {
    let server = TestServer::start().await;
    let world = World::make(&server).await;
    let operations = Operation::all(&server.anonymous(), &world).await;
    let server_key = world
        .workspace
        .client
        .post(world.workspace.path("api-keys/"), json!({"name": "sdk"}))
        .await
        .expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    for key in [world.workspace.environment_key.clone(), server_key] {
        let sdk = server.anonymous().with_environment_key(&key);
        for operation in &operations {
            if operation.is_open() || operation.is_of_the_data_plane() {
                continue;
            }
            let body = (operation.method != Method::GET).then(|| json!({}));
            let answer = sdk.send(operation.method.clone(), &operation.path, body).await;
            assert_eq!(
                answer.status, 401,
                "{} {}: {}",
                operation.method, operation.path, answer.text
            );
        }
    }
    server.stop().await;
}
