//! Turning the versioning of flags on and off.

use crate::support::audit_log;
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

/// What SDKs get, without what names rows.
async fn document(workspace: &Workspace) -> Value {
    let mut document = workspace
        .client
        .get(workspace.path("document/"))
        .await
        .expect(200);
    document["updated_at"] = Value::Null;
    document
}

async fn switch(workspace: &Workspace, on: bool) {
    let path = if on {
        "enable-v2-versioning/"
    } else {
        "disable-v2-versioning/"
    };
    let answer = workspace.client.post(workspace.path(path), json!({})).await;
    assert_eq!((answer.status, answer.text.as_str()), (202, ""));
    let refused = workspace
        .client
        .post(workspace.path(path), json!({}))
        .await
        .expect(400);
    let text = if on {
        "Environment already using v2 versioning."
    } else {
        "Environment is not using v2 versioning."
    };
    assert_eq!(refused, json!({"detail": text}));
    let read = workspace.client.get(workspace.path("")).await.expect(200);
    assert_eq!(read["use_v2_feature_versioning"], on);
}

#[tokio::test]
async fn nobody_notices_the_switch() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    workspace.feature("limit", "12").await;
    let rollout = workspace.rollout(&flag, 40.0, &[50.0, 25.0]);
    let experiment = workspace.experiment(&flag, Some(rollout)).await;
    let before = document(&workspace).await;
    assert!(before["project"]["segments"][0]["feature_states"][0].is_object());
    switch(&workspace, true).await;
    assert_eq!(document(&workspace).await, before);
    let states = workspace
        .client
        .get(workspace.path("featurestates/"))
        .await
        .expect(200);
    assert!(
        states["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|state| state["environment_feature_version"].is_string())
    );
    let versions = format!(
        "/api/v1/environments/{}/features/{}/versions/",
        workspace.environment, flag.id
    );
    let versions = workspace.client.get(&versions).await.expect(200);
    assert_eq!(
        (&versions["count"], &versions["results"][0]["is_live"]),
        (&json!(1), &json!(true))
    );
    let detail = workspace.path(&format!("experiments/{experiment}/"));
    let kept = workspace.client.get(&detail).await.expect(200)["experiment_rollout"].clone();
    assert_eq!(kept["rollout_percentage"], 40.0);
    // More versions come and go; what is live at the switch stays.
    let path = workspace.path(&format!("experiments/{experiment}/rollout/"));
    workspace
        .client
        .patch(path, workspace.rollout(&flag, 60.0, &[40.0, 40.0]))
        .await
        .expect(200);
    let before = document(&workspace).await;
    switch(&workspace, false).await;
    assert_eq!(document(&workspace).await, before);
    let states = workspace
        .client
        .get(workspace.path("featurestates/"))
        .await
        .expect(200);
    assert_eq!(states["count"], 2);
    assert!(
        states["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|state| state["environment_feature_version"].is_null())
    );
    let rollout = workspace.client.get(&detail).await.expect(200)["experiment_rollout"].clone();
    assert_eq!(rollout["rollout_percentage"], 60.0);
    switch(&workspace, true).await;
    assert_eq!(document(&workspace).await, before);
    let log = audit_log(&server, &workspace).await;
    assert_eq!(
        log.iter()
            .filter(|text| *text == "Environment updated: Production")
            .count(),
        3
    );
    server.stop().await;
}

#[tokio::test]
async fn overrides_of_identities_stay_outside_of_versions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("limit", "12").await;
    let identity = workspace
        .client
        .post(workspace.path("identities/"), json!({"identifier": "ada"}))
        .await
        .expect(201);
    let body = json!({"feature": feature, "enabled": true, "feature_state_value": 99});
    let path = workspace.path(&format!("identities/{}/featurestates/", identity["id"]));
    workspace.client.post(path, body).await.expect(201);
    let value = || async {
        let answer = workspace
            .sdk()
            .get("/api/v1/identities/?identifier=ada")
            .await
            .expect(200);
        answer["flags"][0]["feature_state_value"].clone()
    };
    assert_eq!(value().await, 99);
    switch(&workspace, true).await;
    assert_eq!(value().await, 99);
    switch(&workspace, false).await;
    assert_eq!(value().await, 99);
    server.stop().await;
}
