//! Copies of environments.

use crate::support::{keys, member};
use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};

/// What 200 identities get for a flag.
async fn served(sdk: &Client, feature: &str) -> Vec<Value> {
    let mut values = Vec::new();
    for number in 0..200 {
        let answer = sdk
            .get(format!("/api/v1/identities/?identifier=user-{number}"))
            .await
            .expect(200);
        let flags = answer["flags"].as_array().unwrap();
        let flag = flags
            .iter()
            .find(|flag| flag["feature"]["name"] == feature)
            .unwrap();
        values.push(flag["feature_state_value"].clone());
    }
    values
}

async fn copy(workspace: &Workspace, name: &str) -> Value {
    workspace
        .client
        .post(workspace.path("clone/"), json!({"name": name}))
        .await
        .expect(200)
}

async fn a_copy_does_what_its_source_does(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    workspace.feature("limit", "12").await;
    workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 30.0)])
        .await;
    workspace
        .client
        .patch(workspace.path(""), json!({"banner_text": "careful"}))
        .await
        .expect(200);
    let made = copy(&workspace, "Copy").await;
    assert_eq!(keys(&made), ["id", "name", "api_key", "project"]);
    let key = made["api_key"].as_str().unwrap();
    let read = workspace
        .client
        .get(format!("/api/v1/environments/{key}/"))
        .await
        .expect(200);
    assert_eq!(
        (&read["banner_text"], &read["use_v2_feature_versioning"]),
        (&json!("careful"), &json!(versioned))
    );
    assert_eq!(read["is_creating"], false);
    let document = |key: &str| {
        let (client, path) = (
            workspace.client.clone(),
            format!("/api/v1/environments/{key}/document/"),
        );
        async move { client.get(path).await.expect(200) }
    };
    let (source, copied) = (document(&workspace.environment_key).await, document(key).await);
    let salts = |document: &Value| -> Vec<(Value, Value, Value)> {
        let states = document["feature_states"].as_array().unwrap();
        let mut all: Vec<_> = states
            .iter()
            .map(|state| {
                (
                    state["feature"]["name"].clone(),
                    state["django_id"].clone(),
                    state["feature_state_value"].clone(),
                )
            })
            .collect();
        all.sort_by_key(|(name, ..)| name.to_string());
        all
    };
    assert_eq!(salts(&source), salts(&copied));
    assert_eq!(copied["project"]["segments"], source["project"]["segments"]);
    let twice = workspace
        .client
        .post(workspace.path("clone/"), json!({"name": "Copy"}))
        .await
        .expect(400);
    assert_eq!(
        twice,
        json!({"non_field_errors": ["An environment with this name already exists."]})
    );
    server.stop().await;
}

#[tokio::test]
async fn a_copy_does_what_its_source_does_without_versioning() {
    a_copy_does_what_its_source_does(false).await;
}

#[tokio::test]
async fn a_copy_does_what_its_source_does_with_versioning() {
    a_copy_does_what_its_source_does(true).await;
}

async fn segment_override(workspace: &Workspace, feature: i64) {
    let rules = json!([{"type": "ALL", "conditions": [], "rules": [
        {"type": "ANY", "rules": [], "conditions": [{"operator": "EQUAL", "property": "plan", "value": "pro"}]},
    ]}]);
    let segment = json!({"name": "pro", "project": workspace.project, "rules": rules});
    let segment = workspace
        .client
        .post(workspace.project_path("segments/"), segment)
        .await
        .expect(201);
    let body = json!({
        "enabled": true, "feature_state_value": {"type": "unicode", "string_value": "for pros"},
        "feature_segment": {"segment": segment["id"]},
    });
    let path = workspace.path(&format!("features/{feature}/create-segment-override/"));
    workspace.client.post(path, body).await.expect(201);
}

#[tokio::test]
async fn segment_overrides_are_copied_with_their_salts() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 50.0)]).await;
    segment_override(&workspace, flag.id).await;
    let made = copy(&workspace, "Copy").await;
    let document = |key: String| {
        let (client, path) = (
            workspace.client.clone(),
            format!("/api/v1/environments/{key}/document/"),
        );
        async move { client.get(path).await.expect(200)["project"]["segments"][0]["feature_states"][0].clone() }
    };
    let source = document(workspace.environment_key.clone()).await;
    let copied = document(made["api_key"].as_str().unwrap().to_owned()).await;
    assert_eq!(copied["feature_state_value"], "for pros");
    assert_eq!(
        (&copied["django_id"], &copied["feature_segment"]),
        (&source["django_id"], &source["feature_segment"])
    );
    assert_ne!(copied["featurestate_uuid"], source["featurestate_uuid"]);
    let read = workspace.client.get(format!(
        "/api/v1/environments/{}/",
        made["api_key"].as_str().unwrap()
    ));
    assert_eq!(read.await.expect(200)["total_segment_overrides"], 1);
    server.stop().await;
}

async fn experiments_stay_behind(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let rollout = workspace.rollout(&flag, 100.0, &[50.0, 50.0]);
    let experiment = workspace.experiment(&flag, Some(rollout)).await;
    let start = workspace.path(&format!("experiments/{experiment}/start/"));
    workspace.client.post(start, json!({})).await.expect(200);
    assert!(
        !served(&workspace.sdk(), "checkout")
            .await
            .contains(&json!("control-value"))
    );
    let made = copy(&workspace, "Copy").await;
    let key = made["api_key"].as_str().unwrap();
    let read = workspace
        .client
        .get(format!("/api/v1/environments/{key}/"))
        .await
        .expect(200);
    assert_eq!(read["total_segment_overrides"], 0);
    let experiments = workspace
        .client
        .get(format!("/api/v1/environments/{key}/experiments/"))
        .await
        .expect(200);
    assert_eq!(experiments["count"], 0);
    // The default has the shares it had before the experiment took them.
    let values = served(&server.anonymous().with_environment_key(key), "checkout").await;
    let count = |value: &str| values.iter().filter(|served| **served == json!(value)).count();
    let (a, b, control) = (count("a"), count("b"), count("control-value"));
    assert!(
        (35..=85).contains(&a) && (20..=60).contains(&b) && control > 60,
        "{a} {b} {control}"
    );
    server.stop().await;
}

#[tokio::test]
async fn experiments_stay_behind_without_versioning() {
    experiments_stay_behind(false).await;
}

#[tokio::test]
async fn experiments_stay_behind_with_versioning() {
    experiments_stay_behind(true).await;
}

#[tokio::test]
async fn everybody_keeps_their_variant_in_a_copy() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 40.0), ("kb", "b", 40.0)])
        .await;
    // The key of the environment is part of what is hashed, so the same people are only alike under the same key.
    let before = served(&workspace.sdk(), "checkout").await;
    let made = copy(&workspace, "Copy").await;
    let key = workspace.environment_key.clone();
    workspace
        .client
        .patch(workspace.path(""), json!({"api_key": "aside"}))
        .await
        .expect(200);
    let one = format!("/api/v1/environments/{}/", made["api_key"].as_str().unwrap());
    workspace
        .client
        .patch(one, json!({"api_key": key}))
        .await
        .expect(200);
    assert_eq!(served(&workspace.sdk(), &flag.name).await, before);
    server.stop().await;
}

#[tokio::test]
async fn to_copy_takes_to_see_and_to_create() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (see, create) = (&["VIEW_ENVIRONMENT"], &["VIEW_PROJECT", "CREATE_ENVIRONMENT"]);
    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], see).await;
    let blind = member(&server, &workspace, "blind@example.com", create, &[]).await;
    let both = member(&server, &workspace, "both@example.com", create, see).await;
    viewer.post(workspace.path("clone/"), json!({})).await.expect(403);
    blind
        .post(workspace.path("clone/"), json!({"name": "Copy"}))
        .await
        .expect(404);
    let required = json!({"name": ["This field is required."]});
    assert_eq!(
        both.post(workspace.path("clone/"), json!({})).await.expect(400),
        required
    );
    let made = both
        .post(workspace.path("clone/"), json!({"name": "Copy"}))
        .await
        .expect(200);
    let one = format!("/api/v1/environments/{}/", made["api_key"].as_str().unwrap());
    both.patch(one, json!({"name": "Mine"})).await.expect(200);
    server.stop().await;
}
