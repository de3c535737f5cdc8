//! A node that starts while its database is away serves the copies in its data directory.

use crate::streams::toggle;
use crate::support::{is_ready, poll, readiness};
use liftgate::node::copies_dir;
use liftgate_model::Clock as _;
use liftgate_testkit::{Answer, Client, TestServer, Workspace};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The copies in a data directory, by name.
fn copies(data_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(copies_dir(data_dir)).expect("the copies have a directory");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What `liftgate doctor` says of a data directory.
fn doctor(data_dir: &Path) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_liftgate"))
        .arg("--data-dir")
        .arg(data_dir)
        .arg("doctor")
        .env_remove("LIFTGATE_DATABASE_URL")
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What SDKs are told, with the client-side and a server-side key.
async fn answers(origin: &str, keys: &[String]) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    for key in keys {
        let sdk = Client::new(origin).with_environment_key(key);
        for path in [
            "/api/v1/flags/",
            "/api/v1/flags/?feature=checkout",
            "/api/v1/identities/?identifier=alice",
            "/api/v1/identities/?identifier=nobody",
            "/api/v1/environment-document/",
        ] {
            let answer = sdk.get(path).await;
            let document = answer
                .header("x-flagsmith-document-updated-at")
                .unwrap_or_default();
            answers.push((format!("{path} {} {document}", answer.status), answer.text));
        }
        let traits = json!({"identifier": "bob", "transient": true, "traits": [{"trait_key": "plan", "trait_value": "pro"}]});
        let answer = sdk.post("/api/v1/identities/", traits).await;
        answers.push((format!("traits {}", answer.status), answer.text));
    }
    answers
}

/// Flags with everything that decides an answer; the keys that open them.
async fn furnish(workspace: &Workspace) -> Vec<String> {
    let flag = workspace
        .flag("checkout", &[("ka", "a", 100.0 / 3.0), ("kb", "b", 0.1)])
        .await;
    let banner = workspace.feature("banner", "hello").await;
    let rules = json!([{"type": "ALL", "rules": [], "conditions": [
        {"operator": "EQUAL", "property": "plan", "value": "pro"}]}]);
    workspace
        .client
        .post(
            workspace.project_path("segments/"),
            json!({"name": "pro", "rules": rules}),
        )
        .await
        .expect(201);
    workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[33.3, 12.5])))
        .await;
    let alice = workspace
        .client
        .post(workspace.path("identities/"), json!({"identifier": "alice"}))
        .await
        .expect(201)["id"]
        .clone();
    workspace
        .client
        .post(
            workspace.path(&format!("identities/{alice}/featurestates/")),
            json!({"feature": banner, "enabled": false}),
        )
        .await
        .expect(201);
    let server_key = workspace
        .client
        .post(workspace.path("api-keys/"), json!({"name": "server"}))
        .await
        .expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    // Nothing about them is left to be created by a read.
    workspace
        .sdk()
        .get("/api/v1/identities/?identifier=nobody")
        .await
        .expect(200);
    vec![workspace.environment_key.clone(), server_key]
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_node_that_starts_without_its_database_serves_what_it_served() {
    let Some((server, proxy)) = TestServer::start_behind_proxy().await else {
        println!("skipped: SQLite is in the data directory");
        return;
    };
    let workspace = server.workspace(false).await;
    let keys = furnish(&workspace).await;
    let before = answers(server.origin(), &keys).await;
    let token = workspace.client.clone();
    let stopped = server.halt().await;
    let files = copies(stopped.data_dir());
    assert_eq!(files.len(), 1, "{files:?}");
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(!text.contains(&keys[1]), "a server-side key is in a copy");
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);

    proxy.cut();
    let server = stopped.start().await;
    let client = token.at(server.origin());
    assert_eq!(answers(server.origin(), &keys).await, before);
    for key in ["nobody", "ser.nobody"] {
        let stranger = server.anonymous().with_environment_key(key);
        assert_eq!(stranger.get("/api/v1/flags/").await.status, 403);
    }
    refused(&client.get(workspace.project_path("features/")).await);
    let feature = json!({"name": "new", "initial_value": "x"});
    refused(
        &client
            .post(workspace.project_path("features/"), feature.clone())
            .await,
    );
    let login = json!({"email": "admin@example.com", "password": "a sound p4ssphrase"});
    refused(&server.anonymous().post("/api/v1/auth/login/", login).await);
    let sdk = server.anonymous().with_environment_key(&keys[0]);
    let traits = json!({"identifier": "alice", "traits": [{"trait_key": "a", "trait_value": 1}]});
    refused(&sdk.post("/api/v1/identities/", traits.clone()).await);
    assert_eq!(server.anonymous().get("/health/liveness/").await.status, 200);
    let readiness = readiness(&server).await.expect(500);
    assert_eq!(
        readiness["DatabaseBackend"],
        "unavailable: the database does not answer"
    );
    assert_eq!(
        readiness["MigrationsHealthCheck"],
        "unavailable: the database was not reached since the start"
    );

    proxy.mend();
    poll("the node is ready", async || is_ready(&server).await).await;
    client
        .post(workspace.project_path("features/"), feature)
        .await
        .expect(201);
    let flags = sdk.get("/api/v1/flags/").await.text;
    assert!(flags.contains("\"new\""), "{flags}");
    sdk.post("/api/v1/identities/", traits).await.expect(200);
    server.stop().await;
}

/// A second environment of the project; its client-side key.
async fn second_environment(workspace: &Workspace) -> String {
    let body = json!({"name": "Staging", "project": workspace.project});
    let made = workspace
        .client
        .post("/api/v1/environments/", body)
        .await
        .expect(201);
    made["api_key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_changed_meanwhile_is_served_once_the_database_is_back() {
    let server = TestServer::start().await;
    let Some((node, proxy)) = server.beside_behind_proxy().await else {
        println!("skipped: SQLite is in the data directory");
        return;
    };
    let workspace = server.workspace(false).await;
    workspace.feature("banner", "hello").await;
    let staging = second_environment(&workspace).await;
    let made = workspace
        .client
        .post(workspace.path("api-keys/"), json!({"name": "server"}))
        .await
        .expect(201);
    let (server_key, id) = (made["key"].as_str().unwrap(), &made["id"]);
    let status = async |node: &TestServer, key: &str| {
        let sdk = node.anonymous().with_environment_key(key);
        sdk.get("/api/v1/flags/").await.status
    };
    let is_enabled = async |node: &TestServer| {
        let sdk = node.anonymous().with_environment_key(&workspace.environment_key);
        sdk.get("/api/v1/flags/").await.expect(200)[0]["enabled"] == true
    };
    poll("the node serves it all", async || {
        status(&node, server_key).await == 200 && status(&node, &staging).await == 200
    })
    .await;
    let stopped = node.halt().await;
    assert_eq!(copies(stopped.data_dir()).len(), 2);

    proxy.silence();
    toggle(&workspace, false).await;
    let client = &workspace.client;
    client
        .delete(workspace.path(&format!("api-keys/{id}/")))
        .await
        .expect(204);
    client
        .delete(format!("/api/v1/environments/{staging}/"))
        .await
        .expect(204);
    let node = stopped.start().await;
    assert!(is_enabled(&node).await);
    assert_eq!(status(&node, server_key).await, 200);
    assert_eq!(status(&node, &staging).await, 200);

    proxy.mend();
    poll("what changed is served", async || {
        !is_enabled(&node).await
            && status(&node, server_key).await == 403
            && status(&node, &staging).await == 403
    })
    .await;
    poll("the copy of what is gone is gone", async || {
        copies(node.data_dir()).len() == 1
    })
    .await;
    let stopped = node.halt().await;
    proxy.cut();
    let node = stopped.start().await;
    assert!(!is_enabled(&node).await);
    assert_eq!(status(&node, server_key).await, 403);
    for node in [node, server] {
        node.stop().await;
    }
}

#[tokio::test]
async fn damaged_copies_are_left_out_and_without_any_no_node_starts() {
    let Some((server, proxy)) = TestServer::start_behind_proxy().await else {
        println!("skipped: SQLite is in the data directory");
        return;
    };
    let workspace = server.workspace(false).await;
    let staging = second_environment(&workspace).await;
    let stopped = server.halt().await;
    let files = copies(stopped.data_dir());
    assert_eq!(files.len(), 2, "{files:?}");
    let report = doctor(stopped.data_dir());
    assert!(
        report.contains("copies: 2 environments, every checksum right, written"),
        "{report}"
    );
    let sound: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let directory = files[0].parent().unwrap();
    std::fs::write(directory.join("notes.txt"), "not ours").unwrap();
    std::fs::write(directory.join("77.copy"), "liftgate environment 0 older\n{}").unwrap();
    let torn = &sound[1][..sound[1].len() / 2];
    std::fs::write(&files[1], torn).unwrap();
    let report = doctor(stopped.data_dir());
    assert!(report.contains("DAMAGED  copies: environment "), "{report}");
    assert!(report.contains("its checksum is wrong"), "{report}");
    assert!(
        report.contains("environment 77: it is no copy in the format of this version"),
        "{report}"
    );

    proxy.cut();
    let server = stopped.start().await;
    let status = async |key: &str| {
        let sdk = server.anonymous().with_environment_key(key);
        sdk.get("/api/v1/flags/").await.status
    };
    assert_eq!(status(&workspace.environment_key).await, 200);
    assert_eq!(status(&staging).await, 403);
    proxy.mend();
    poll("the database is back", async || status(&staging).await == 200).await;
    let stopped = server.halt().await;
    let mended = copies(stopped.data_dir());
    let names: Vec<_> = mended.iter().map(|file| file.file_name().unwrap()).collect();
    assert_eq!(mended.len(), 3, "{names:?}");
    assert_eq!(std::fs::read(&files[1]).unwrap().len(), sound[1].len());

    proxy.cut();
    for file in &files {
        std::fs::write(file, "").unwrap();
    }
    let refusal = stopped.refusal().await;
    assert!(refusal.contains("the database cannot be reached"), "{refusal}");
}

/// Schedules a value of a feature, by the path of its versions, for so many seconds from now.
async fn schedule(server: &TestServer, client: &Client, versions: &str, seconds: i64, value: &str) {
    let value = json!({"type": "unicode", "string_value": value});
    let body = json!({
        "live_from": server.clock.now().plus_seconds(seconds).to_iso(), "publish_immediately": true,
        "feature_states_to_update": [{"feature_segment": null, "enabled": true, "feature_state_value": value}],
    });
    client.post(versions, body).await.expect(201);
}

#[tokio::test]
async fn scheduled_versions_come_into_force_while_the_database_is_away() {
    let Some((server, proxy)) = TestServer::start_behind_proxy().await else {
        println!("skipped: SQLite is in the data directory");
        return;
    };
    let workspace = server.workspace(true).await;
    let feature = workspace.feature("banner", "now").await;
    workspace.feature("other", "same").await;
    let versions = format!(
        "/api/v1/environments/{}/features/{feature}/versions/",
        workspace.environment
    );
    for (seconds, value) in [
        (3_600, "hour"),
        (7_200, "two"),
        (10_800, "three"),
        (14_400, "never"),
    ] {
        schedule(&server, &workspace.client, &versions, seconds, value).await;
    }
    let list = workspace.client.get(&versions).await.expect(200);
    let never = list["results"][0]["uuid"].as_str().unwrap();
    workspace
        .client
        .delete(format!("{versions}{never}/"))
        .await
        .expect(204);
    let serves = async |server: &TestServer, value: &str| {
        let sdk = server
            .anonymous()
            .with_environment_key(&workspace.environment_key);
        let flags = sdk.get("/api/v1/flags/").await.expect(200);
        let of = |name: &str| {
            let mut flags = flags.as_array().unwrap().iter();
            flags.find(|flag| flag["feature"]["name"] == name).unwrap()["feature_state_value"].clone()
        };
        assert_eq!(of("other"), "same");
        of("banner") == value
    };
    poll("the copy knows what will be", async || {
        let files = copies(server.data_dir());
        // One that is not there yet, or no more, says nothing.
        let mut texts = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
        texts.any(|text| text.contains("\"three\"") && !text.contains("\"never\""))
    })
    .await;

    proxy.cut();
    server.clock.advance_seconds(3_601);
    poll("the first is in force", async || serves(&server, "hour").await).await;
    server.clock.advance_seconds(3_600);
    poll("the second is in force", async || serves(&server, "two").await).await;
    let server = server.halt().await.start().await;
    assert!(serves(&server, "two").await, "from the start, by the copy");
    server.clock.advance_seconds(3_600);
    poll("the third is in force", async || serves(&server, "three").await).await;
    server.clock.advance_seconds(3_600);

    proxy.mend();
    poll("the node is ready", async || is_ready(&server).await).await;
    assert!(serves(&server, "three").await);
    let client = workspace.client.at(server.origin());
    schedule(&server, &client, &versions, 0, "after").await;
    assert!(serves(&server, "after").await);
    server.stop().await;
}
