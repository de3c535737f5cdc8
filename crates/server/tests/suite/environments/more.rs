//! What else an environment tells: the document, traits, counts, permissions, the first evaluation.

use crate::support::member;
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn the_document_is_the_one_sdks_get() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.flag("checkout", &[("ka", "a", 30.0)]).await;
    let sdk = workspace.server_sdk().await;
    let admin = workspace.client.get(workspace.path("document/")).await;
    let sdk = sdk.get("/api/v1/environment-document/").await;
    assert_eq!((admin.status, &admin.text), (200, &sdk.text));
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &[],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    viewer.get(workspace.path("document/")).await.expect(200);
    let outsider = server.sign_up("out@example.com").await;
    outsider.get(workspace.path("document/")).await.expect(404);
    server.stop().await;
}

#[tokio::test]
async fn a_trait_is_removed_from_everybody() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    for (identifier, traits) in [
        ("ada", json!([["plan", "pro"], ["age", 36]])),
        ("bob", json!([["plan", "free"]])),
    ] {
        let traits: Vec<_> = traits
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| json!({"trait_key": pair[0], "trait_value": pair[1]}))
            .collect();
        let body = json!({"identifier": identifier, "traits": traits});
        workspace
            .sdk()
            .post("/api/v1/identities/", body)
            .await
            .expect(200);
    }
    let keys = || async {
        workspace
            .client
            .get(workspace.path("trait-keys/"))
            .await
            .expect(200)
    };
    assert_eq!(keys().await, json!({"keys": ["age", "plan"]}));
    let removed = workspace
        .client
        .post(workspace.path("delete-traits/"), json!({"key": "plan"}))
        .await;
    assert_eq!((removed.status, removed.text.as_str()), (200, ""));
    assert_eq!(keys().await, json!({"keys": ["age"]}));
    let ada = workspace
        .sdk()
        .get("/api/v1/identities/?identifier=ada")
        .await
        .expect(200);
    let left: Vec<_> = ada["traits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["trait_key"].clone())
        .collect();
    assert_eq!(left, [json!("age")]);
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &[],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    viewer.get(workspace.path("trait-keys/")).await.expect(200);
    viewer
        .post(workspace.path("delete-traits/"), json!({"key": "age"}))
        .await
        .expect(403);
    server.stop().await;
}

#[tokio::test]
async fn what_is_in_force_is_counted() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.feature("on", "1").await;
    let off = json!({"name": "off", "initial_value": "2"});
    workspace
        .client
        .post(workspace.project_path("features/"), off)
        .await
        .expect(201);
    let metrics = workspace.client.get(workspace.path("metrics/")).await.expect(200);
    let metric = |value: i64, description: &str, name: &str, entity: &str, rank: i64| json!({"value": value, "description": description, "name": name, "entity": entity, "rank": rank});
    assert_eq!(
        metrics,
        json!({"metrics": [
            metric(2, "Total features", "total_features", "features", 1),
            metric(1, "Features enabled", "enabled_features", "features", 2),
            metric(0, "Segment overrides", "segment_overrides", "segments", 3),
            metric(0, "Identity overrides", "identity_overrides", "identities", 4),
        ]})
    );
    server.stop().await;
}

#[tokio::test]
async fn anybody_with_the_key_tells_and_hears_of_the_first_evaluation() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (anyone, path) = (server.anonymous(), workspace.path("onboarding-status/"));
    let nothing = json!({"first_evaluated_at": null, "first_evaluated_sdk_label": null});
    assert_eq!(anyone.get(&path).await.expect(200), nothing);
    let bad = anyone
        .put(&path, json!({"first_evaluated_sdk_label": "my-sdk"}))
        .await
        .expect(400);
    assert_eq!(
        bad,
        json!({"first_evaluated_sdk_label": ["\"my-sdk\" is not a valid choice."]})
    );
    anyone
        .put(&path, json!({"first_evaluated_sdk_label": "flagsmith-rust-sdk"}))
        .await
        .expect(204);
    anyone
        .put(&path, json!({"first_evaluated_sdk_label": "unknown"}))
        .await
        .expect(204);
    let status = anyone.get(&path).await.expect(200);
    assert_eq!(status["first_evaluated_sdk_label"], "flagsmith-rust-sdk");
    assert!(status["first_evaluated_at"].as_str().unwrap().ends_with('Z'));
    let unknown = anyone
        .get("/api/v1/environments/unknown/onboarding-status/")
        .await
        .expect(404);
    assert_eq!(
        unknown,
        json!({"detail": "No Environment matches the given query."})
    );
    server.stop().await;
}
