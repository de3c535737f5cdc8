//! Streams of notices (contract, sdk-api sections 10 and 11).

use liftgate_testkit::{Client, Notice, Notices, TestServer, Workspace};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A workspace whose project has realtime updates switched on or off.
async fn start(realtime: bool) -> (TestServer, Workspace) {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    switch(&workspace, realtime).await;
    (server, workspace)
}

/// Switches the realtime updates of the project on or off.
pub async fn switch(workspace: &Workspace, realtime: bool) {
    let body = json!({"enable_realtime_updates": realtime});
    workspace
        .client
        .patch(workspace.project_path(""), body)
        .await
        .expect(200);
}

/// The stream of the environment.
pub fn path(workspace: &Workspace) -> String {
    format!("/sse/environments/{}/stream", workspace.environment_key)
}

/// Changes what the flag is, by the environment's only feature state.
pub async fn toggle(workspace: &Workspace, enabled: bool) {
    let list = workspace
        .client
        .get(workspace.path("featurestates/"))
        .await
        .expect(200);
    let id = list["results"][0]["id"].as_i64().unwrap();
    workspace
        .client
        .put(
            workspace.path(&format!("featurestates/{id}/")),
            json!({"enabled": enabled}),
        )
        .await
        .expect(200);
}

fn seconds(notice: &Notice) -> f64 {
    assert_eq!(notice.event.as_deref(), Some("environment_updated"));
    notice.data["updated_at"].as_f64().unwrap()
}

/// The `updated_at` that flags and document carry now, in seconds.
pub async fn served(workspace: &Workspace) -> f64 {
    let flags = workspace.sdk().get("/api/v1/flags/").await;
    flags
        .header("x-flagsmith-document-updated-at")
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_notice_has_the_time_of_the_answers_that_are_served_by_then() {
    let (_server, workspace) = start(true).await;
    workspace.feature("banner", "on").await;
    let document = workspace.server_sdk().await;
    let mut notices = Notices::open(&Client::new(workspace.client.origin()), &path(&workspace)).await;
    let mut last = seconds(&notices.next().await.unwrap());
    assert!((last - served(&workspace).await).abs() < f64::EPSILON);
    for enabled in [false, true, false] {
        toggle(&workspace, enabled).await;
        let now = seconds(&notices.next().await.unwrap());
        assert!(now > last, "{now} after {last}");
        last = now;
        let body = document.get("/api/v1/environment-document/").await;
        let seen = body.header("x-flagsmith-document-updated-at").unwrap().to_owned();
        let body = body.expect(200);
        assert_eq!(body["feature_states"][0]["enabled"], enabled);
        assert!(
            (seen.parse::<f64>().unwrap() - now).abs() < f64::EPSILON,
            "{seen} {now}"
        );
    }
}

#[tokio::test]
async fn whatever_changes_the_answers_is_told() {
    let (_server, workspace) = start(true).await;
    let feature = workspace.feature("banner", "on").await;
    let mut notices = Notices::open(&workspace.sdk(), &path(&workspace)).await;
    let mut last = seconds(&notices.next().await.unwrap());
    let client = &workspace.client;
    let rules = json!([{"type": "ALL", "rules": [], "conditions": [
        {"operator": "EQUAL", "property": "plan", "value": "pro"}]}]);
    let identity = client
        .post(workspace.path("identities/"), json!({"identifier": "alice"}))
        .await
        .expect(201)["id"]
        .clone();
    let changes: Vec<(Method, String, Value)> = vec![
        (
            Method::POST,
            workspace.project_path("segments/"),
            json!({"name": "pro", "rules": rules}),
        ),
        (
            Method::POST,
            workspace.path(&format!("identities/{identity}/featurestates/")),
            json!({"feature": feature, "enabled": false}),
        ),
        (
            Method::PATCH,
            workspace.path(""),
            json!({"hide_disabled_flags": true}),
        ),
        (
            Method::POST,
            workspace.project_path("features/"),
            json!({"name": "new"}),
        ),
        (
            Method::DELETE,
            workspace.project_path(&format!("features/{feature}/")),
            json!({}),
        ),
        (Method::POST, workspace.path("enable-v2-versioning/"), json!({})),
    ];
    for (method, path, body) in changes {
        let answer = client.send(method, &path, Some(body)).await;
        assert!(answer.status < 300, "{path}: {}", answer.text);
        let now = seconds(&notices.next().await.unwrap());
        assert!(now > last, "{path}");
        last = now;
    }
}

#[tokio::test]
async fn a_project_without_realtime_updates_says_nothing_until_they_are_switched_on() {
    let (_server, workspace) = start(false).await;
    workspace.feature("banner", "on").await;
    let mut notices = Notices::open(&workspace.sdk(), &path(&workspace)).await;
    toggle(&workspace, false).await;
    assert!(notices.is_silent_for(Duration::from_millis(300)).await);
    switch(&workspace, true).await;
    let first = seconds(&notices.next().await.unwrap());
    assert!((first - served(&workspace).await).abs() < f64::EPSILON);
}

#[tokio::test]
async fn only_the_client_side_key_opens_a_stream() {
    let (_server, workspace) = start(true).await;
    let key = workspace
        .client
        .post(workspace.path("api-keys/"), json!({"name": "server"}))
        .await
        .expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    for key in ["nobody", key.as_str(), "%00", "%ff"] {
        for path in [
            format!("/sse/environments/{key}/stream"),
            format!("/ofrep/v1/environments/{key}/stream"),
        ] {
            let answer = workspace.sdk().get(&path).await;
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.expect(404), json!({"detail": "Not found."}), "{path}");
        }
    }
}

#[tokio::test]
async fn browsers_and_proxies_may_pass_it_on() {
    let (_server, workspace) = start(true).await;
    let notices = Notices::open(&workspace.sdk(), &path(&workspace)).await;
    assert_eq!(notices.header("content-type"), Some("text/event-stream"));
    assert_eq!(notices.header("cache-control"), Some("no-cache"));
    assert_eq!(notices.header("access-control-allow-origin"), Some("*"));
    assert_eq!(notices.header("transfer-encoding"), Some("chunked"));
    let head = workspace.sdk().send(Method::HEAD, &path(&workspace), None).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
}

#[tokio::test]
async fn ofrep_clients_have_a_stream_of_their_own() {
    let (_server, workspace) = start(true).await;
    workspace.feature("banner", "on").await;
    let flags = workspace
        .sdk()
        .post("/ofrep/v1/evaluate/flags", json!({}))
        .await
        .expect(200);
    let named = &flags["eventStreams"][0];
    assert_eq!(
        (&named["type"], &named["inactivityDelaySec"]),
        (&json!("sse"), &json!(120))
    );
    let path = named["endpoint"]["requestUri"].as_str().unwrap();
    let mut notices = Notices::open(&Client::new(workspace.client.origin()), path).await;
    let mut ids = Vec::new();
    for enabled in [false, true] {
        let notice = notices.next().await.unwrap();
        assert_eq!(notice.event, None);
        assert_eq!(notice.data["type"], "refetchEvaluation");
        let whole = notice.data["lastModified"].as_i64().unwrap();
        assert_eq!(
            whole.to_string(),
            notice.id.as_ref().unwrap().split('.').next().unwrap()
        );
        ids.push(notice.id);
        toggle(&workspace, enabled).await;
    }
    assert_ne!(ids[0], ids[1]);
    switch(&workspace, false).await;
    let flags = workspace.sdk().post("/ofrep/v1/evaluate/flags", json!({})).await;
    assert_eq!(flags.expect(200).get("eventStreams"), None);
}

#[tokio::test]
async fn a_stream_ends_with_its_key_its_environment_and_its_organisation() {
    let (_server, workspace) = start(true).await;
    let mut by_old_key = Notices::open(&workspace.sdk(), &path(&workspace)).await;
    by_old_key.next().await.unwrap();
    let body = json!({"api_key": "another-key", "name": "Production"});
    workspace.client.patch(workspace.path(""), body).await.expect(200);
    assert_eq!(by_old_key.next().await, None);

    let mut by_new_key = Notices::open(&workspace.sdk(), "/sse/environments/another-key/stream").await;
    by_new_key.next().await.unwrap();
    workspace
        .client
        .delete("/api/v1/environments/another-key/")
        .await
        .expect(204);
    assert_eq!(by_new_key.next().await, None);
}

#[tokio::test]
async fn there_are_only_so_many_streams_and_a_place_is_free_again() {
    let server = TestServer::start_with(|serve| serve.max_streams = 1).await;
    let workspace = server.workspace(false).await;
    switch(&workspace, true).await;
    let mut first = Notices::open(&workspace.sdk(), &path(&workspace)).await;
    first.next().await.unwrap();
    let refused = workspace.sdk().get(path(&workspace)).await;
    assert_eq!(refused.header("retry-after"), Some("10"));
    assert_eq!(
        refused.expect(503),
        json!({"detail": "Too many streams are open."})
    );
    drop(first);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let response = workspace.sdk().open(path(&workspace)).await;
        if response.status() == 200 {
            break;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "the place of a client that left is free"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn streams_end_with_the_server_at_once() {
    let (server, workspace) = start(true).await;
    let mut notices = Notices::open(&workspace.sdk(), &path(&workspace)).await;
    notices.next().await.unwrap();
    let stopping = tokio::spawn(server.stop());
    assert_eq!(notices.next().await, None);
    stopping.await.unwrap();
}
