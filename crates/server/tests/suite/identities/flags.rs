//! What the flags are for one identity, and copying overrides.

use super::{below, identified, identity, value};
use crate::support::{audit_log, id, keys};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

async fn all(workspace: &Workspace, identity: i64) -> Vec<Value> {
    let shown = workspace
        .client
        .get(below(workspace, identity, "featurestates/all/"))
        .await
        .expect(200);
    shown.as_array().unwrap().clone()
}

async fn override_for(workspace: &Workspace, identity: i64, feature: i64, value: Value) -> i64 {
    let body = json!({"feature": feature, "enabled": true, "feature_state_value": value});
    id(&workspace
        .client
        .post(below(workspace, identity, "featurestates/"), body)
        .await
        .expect(201))
}

#[tokio::test]
async fn every_flag_says_what_overrides_it() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let own = workspace.feature("own", "12").await;
    workspace.feature("plain", "12").await;
    workspace.feature("targeted", "12").await;
    let flag = workspace
        .flag("split", &[("ka", "a", 40.0), ("kb", "b", 30.0)])
        .await;
    let alice = identity(&workspace, "alice").await;
    override_for(&workspace, alice, own, json!("hers")).await;
    let path = below(&workspace, alice, "traits/");
    workspace
        .client
        .post(path, json!({"trait_key": "plan", "string_value": "pro"}))
        .await
        .expect(201);
    let rules =
        json!([{"type": "ALL", "conditions": [{"property": "plan", "operator": "EQUAL", "value": "pro"}]}]);
    let segment = json!({"name": "Pro", "rules": rules});
    let segment = workspace
        .client
        .post(workspace.project_path("segments/"), segment)
        .await
        .expect(201);
    let update = format!(
        "/api/experiments/environments/{}/update-flag-v1/",
        workspace.environment_key
    );
    let targeted = json!({"feature": {"name": "targeted"}, "segment": {"id": id(&segment)}, "enabled": false,
        "value": {"type": "boolean", "value": "true"}});
    workspace.client.post(update, targeted).await.expect(204);

    let flags = all(&workspace, alice).await;
    assert_eq!(
        keys(&flags[0]),
        [
            "feature",
            "enabled",
            "feature_state_value",
            "overridden_by",
            "segment",
            "multivariate_feature_state_values"
        ]
    );
    assert_eq!(
        flags[0]["feature"],
        json!({"id": own, "name": "own", "type": "STANDARD"})
    );
    let shown = |flag: &Value| {
        ["enabled", "feature_state_value", "overridden_by", "segment"].map(|name| flag[name].clone())
    };
    let null = Value::Null;
    assert_eq!(
        shown(&flags[0]),
        [json!(true), json!("hers"), json!("IDENTITY"), null.clone()]
    );
    assert_eq!(
        shown(&flags[1]),
        [json!(true), json!(12), null.clone(), null.clone()]
    );
    let by_segment = json!({"id": id(&segment), "name": "Pro"});
    assert_eq!(
        shown(&flags[2]),
        [json!(false), json!(true), json!("SEGMENT"), by_segment]
    );
    assert_eq!(
        flags[3]["feature"],
        json!({"id": flag.id, "name": "split", "type": "MULTIVARIATE"})
    );
    assert_eq!(
        flags[3]["multivariate_feature_state_values"],
        json!([{"multivariate_feature_option": {"value": "a"}, "percentage_allocation": 40.0},
            {"multivariate_feature_option": {"value": "b"}, "percentage_allocation": 30.0}])
    );

    // People see what the data plane serves, also where a hash decides.
    for who in ["alice", "bob", "carol", "dave", "erin", "frank"] {
        let served = identified(&workspace, who).await;
        let found = workspace
            .client
            .get(workspace.path(&format!("identities/?q=%22{who}%22")))
            .await
            .expect(200);
        for flag in all(&workspace, id(&found["results"][0])).await {
            let name = flag["feature"]["name"].as_str().unwrap();
            assert_eq!(flag["feature_state_value"], *value(&served, name), "{who} {name}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn overrides_are_copied_from_one_identity_to_another() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let (both, source_only, target_only) = (
        workspace.feature("both", "x").await,
        workspace.feature("source_only", "x").await,
        workspace.feature("target_only", "x").await,
    );
    let flag = workspace.flag("split", &[("ka", "a", 0.0)]).await;
    let (source, target) = (
        identity(&workspace, "source").await,
        identity(&workspace, "target").await,
    );
    override_for(&workspace, source, both, json!("theirs")).await;
    override_for(&workspace, source, source_only, json!(7)).await;
    let split = json!({"feature": flag.id, "enabled": true, "feature_state_value": "c", "multivariate_feature_state_values": [
        {"multivariate_feature_option": flag.options[0], "percentage_allocation": 100}]});
    workspace
        .client
        .post(below(&workspace, source, "featurestates/"), split)
        .await
        .expect(201);
    let kept = override_for(&workspace, target, both, json!("own")).await;
    override_for(&workspace, target, target_only, json!("own")).await;

    let path = below(&workspace, target, "featurestates/clone-from-given-identity/");
    assert_eq!(
        workspace.client.post(&path, json!({})).await.expect(400),
        json!({"source_identity_id": ["This field is required."]})
    );
    let missing = workspace
        .client
        .post(&path, json!({"source_identity_id": 999}))
        .await
        .expect(404);
    assert_eq!(missing, json!({"detail": "No Identity matches the given query."}));
    let flags = workspace
        .client
        .post(&path, json!({"source_identity_id": source.to_string()}))
        .await
        .expect(200);
    let shown: Vec<(Value, Value)> = (flags.as_array().unwrap().iter())
        .map(|flag| (flag["feature_state_value"].clone(), flag["overridden_by"].clone()))
        .collect();
    assert_eq!(
        shown,
        [
            (json!("theirs"), json!("IDENTITY")),
            (json!(7), json!("IDENTITY")),
            (json!("x"), json!(null)),
            (json!("a"), json!("IDENTITY"))
        ]
    );
    let served = identified(&workspace, "target").await;
    assert_eq!(
        ["both", "source_only", "target_only", "split"].map(|name| value(&served, name).clone()),
        [json!("theirs"), json!(7), json!("x"), json!("a")]
    );
    let states = workspace
        .client
        .get(below(&workspace, target, "featurestates/"))
        .await
        .expect(200);
    assert_eq!(states["count"], 3);
    assert_eq!(
        id(&states["results"][0]),
        kept,
        "what is there is changed, not made anew"
    );
    let log = audit_log(&server, &workspace).await;
    let removed = "Flag state / Remote config value deleted for feature 'target_only' and identity 'target'";
    assert!(log.iter().any(|text| text == removed), "{log:?}");
    server.stop().await;
}
