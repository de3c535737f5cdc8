//! Why the flags of an identity are what they are.

use super::{below, identified, identity};
use crate::support::{id, member};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

fn path(workspace: &Workspace, identifier: &str) -> String {
    let key = &workspace.environment_key;
    format!("/api/liftgate/v1/environments/{key}/identities/{identifier}/trace/")
}

async fn trace(workspace: &Workspace, identifier: &str, feature: &str) -> Value {
    let path = format!("{}?feature={feature}", path(workspace, identifier));
    let mut traced = workspace.client.get(path).await.expect(200);
    assert_eq!(traced["flags"].as_array().unwrap().len(), 1);
    traced["flags"][0].take()
}

/// A segment of those on a plan, which overrides a flag.
async fn target(workspace: &Workspace, flag: i64, name: &str, plan: &str, value: &str) -> i64 {
    let rules = json!([{"type": "ALL", "conditions": [], "rules": [
        {"type": "ANY", "conditions": [{"property": "plan", "operator": "EQUAL", "value": plan}], "rules": []}]}]);
    let segment = workspace
        .client
        .post(
            workspace.project_path("segments/"),
            json!({"name": name, "rules": rules}),
        )
        .await
        .expect(201);
    let update = format!(
        "/api/experiments/environments/{}/update-flag-v1/",
        workspace.environment_key
    );
    let body = json!({"feature": {"id": flag}, "segment": {"id": id(&segment)}, "enabled": true,
        "value": {"type": "string", "value": value}});
    workspace.client.post(update, body).await.expect(204);
    id(&segment)
}

#[tokio::test]
async fn a_trace_tells_overrides_conditions_and_bands() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.feature("banner", "plain").await;
    let split = workspace
        .flag("split", &[("ka", "a", 40.0), ("kb", "b", 60.0)])
        .await;
    let pro = target(&workspace, flag, "Pro", "pro", "for pro").await;
    let free = target(&workspace, flag, "Free", "free", "for free").await;
    let alice = identity(&workspace, "al ice/ü").await;
    workspace
        .client
        .post(
            below(&workspace, alice, "traits/"),
            json!({"trait_key": "plan", "string_value": "free"}),
        )
        .await
        .expect(201);

    let traced = workspace
        .client
        .get(path(&workspace, "al%20ice%2F%C3%BC"))
        .await
        .expect(200);
    assert_eq!(traced["identifier"], "al ice/ü");
    assert_eq!(traced["is_stored"], true);
    assert_eq!(
        traced["traits"],
        json!([{"trait_key": "plan", "trait_value": "free"}])
    );
    let condition = |plan: &str, holds: bool| {
        json!([{"type": "ALL", "result": holds, "conditions": [], "rules": [
            {"type": "ANY", "result": holds, "rules": [], "conditions": [
                {"operator": "EQUAL", "property": "plan", "value": plan, "actual": "free", "result": holds,
                    "percentage": null, "threshold": null}]}]}])
    };
    assert_eq!(
        traced["flags"][0],
        json!({"feature": {"id": flag, "name": "banner"}, "enabled": true, "value": "for free", "variant": null,
            "reason": "TARGETING_MATCH; segment=Free", "trace": {
                "winner": {"kind": "segment_override", "segment": {"id": free, "name": "Free"}, "priority": 1.0},
                "overrides": [
                    {"segment": {"id": pro, "name": "Pro"}, "priority": 0.0, "outcome": "no_match",
                        "is_circular": false, "rules": condition("pro", false)},
                    {"segment": {"id": free, "name": "Free"}, "priority": 1.0, "outcome": "won",
                        "is_circular": false, "rules": condition("free", true)}],
                "split": null}})
    );
    let trace_of_split = &traced["flags"][1]["trace"];
    assert_eq!(traced["flags"][1]["feature"]["id"], split.id);
    assert_eq!(trace_of_split["winner"]["kind"], "environment_default");
    let bucket = trace_of_split["split"]["bucket"].as_f64().unwrap();
    let bands = trace_of_split["split"]["bands"].as_array().unwrap();
    let hit: Vec<bool> = bands.iter().map(|band| band["is_hit"] == true).collect();
    assert_eq!(hit, [bucket < 40.0, bucket >= 40.0]);
    assert_eq!(
        (&bands[0]["start"], &bands[0]["end"], &bands[1]["end"]),
        (&json!(0.0), &json!(40.0), &json!(100.0))
    );

    // An override of her own wins over everything, and nothing else is looked at.
    let own = json!({"feature": flag, "enabled": false, "feature_state_value": "hers"});
    workspace
        .client
        .post(below(&workspace, alice, "featurestates/"), own)
        .await
        .expect(201);
    let traced = trace(&workspace, "al%20ice%2F%C3%BC", "BANNER").await;
    assert_eq!(
        (&traced["enabled"], &traced["value"]),
        (&json!(false), &json!("hers"))
    );
    assert_eq!(
        traced["trace"]["winner"],
        json!({"kind": "identity_override", "segment": null, "priority": null})
    );
    for candidate in traced["trace"]["overrides"].as_array().unwrap() {
        assert_eq!(
            (&candidate["outcome"], &candidate["rules"]),
            (&json!("not_reached"), &json!([]))
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_trace_is_what_sdks_get_and_stores_nobody() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("split", &[("ka", "a", 0.0), ("kb", "b", 0.0)])
        .await;
    let rollout = workspace.rollout(&flag, 40.0, &[50.0, 50.0]);
    let experiment = workspace.experiment(&flag, Some(rollout)).await;
    let start = workspace.path(&format!("experiments/{experiment}/start/"));
    workspace.client.post(start, json!({})).await.expect(200);
    let mut outcomes = std::collections::BTreeSet::new();
    for person in 0..30 {
        let identifier = format!("p{person}");
        let traced = workspace
            .client
            .get(path(&workspace, &identifier))
            .await
            .expect(200);
        assert_eq!(traced["is_stored"], false);
        let traced = &traced["flags"][0];
        let condition = &traced["trace"]["overrides"][0]["rules"][0]["conditions"][0];
        let (percentage, threshold) = (&condition["percentage"], &condition["threshold"]);
        assert_eq!(threshold, 40.0);
        let is_in = percentage.as_f64().unwrap() <= 40.0;
        assert_eq!(condition["result"], is_in);
        let served = &identified(&workspace, &identifier).await["flags"][0];
        for (traced, served) in [
            (&traced["enabled"], &served["enabled"]),
            (&traced["value"], &served["feature_state_value"]),
            (&traced["variant"], &served["variant"]),
            (&traced["reason"], &served["reason"]),
        ] {
            assert_eq!(traced, served, "{identifier}");
        }
        assert_eq!(traced["variant"].is_null(), !is_in, "{identifier}");
        outcomes.insert(traced["variant"].to_string());
        // The SDK's call stored the identity; the trace before it had not.
        let again = workspace
            .client
            .get(path(&workspace, &identifier))
            .await
            .expect(200);
        assert_eq!(again["is_stored"], true);
    }
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_trace_is_for_those_who_see_environment_and_identities() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.feature("banner", "plain").await;
    for (number, (permissions, status)) in [
        (&["VIEW_ENVIRONMENT"][..], 403),
        (&["VIEW_IDENTITIES"], 403),
        (&["VIEW_ENVIRONMENT", "VIEW_IDENTITIES"], 200),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("person{number}@example.com");
        let person = member(&server, &workspace, &email, &["VIEW_PROJECT"], permissions).await;
        person.get(path(&workspace, "nobody")).await.expect(status);
    }
    let unknown = format!("{}?feature=unknown", path(&workspace, "nobody"));
    let problem = workspace.client.get(unknown).await.expect(404);
    assert_eq!(problem["detail"], "No Feature matches the given query.");
    server
        .anonymous()
        .get(path(&workspace, "nobody"))
        .await
        .expect(401);
    server.stop().await;
}

#[tokio::test]
async fn a_trace_that_would_not_end_is_refused_and_one_of_its_features_told() {
    const FEATURES: usize = 201;
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let conditions: Vec<Value> = (0..100)
        .map(|at| json!({"property": "plan", "operator": "EQUAL", "value": at.to_string()}))
        .collect();
    let rules = json!([{"type": "ALL", "conditions": [], "rules": [
        {"type": "ANY", "conditions": conditions, "rules": []}]}]);
    let segment = json!({"name": "many", "rules": rules});
    let segment = workspace
        .client
        .post(workspace.project_path("segments/"), segment)
        .await
        .expect(201);
    let update = format!(
        "/api/experiments/environments/{}/update-flag-v1/",
        workspace.environment_key
    );
    for at in 0..FEATURES {
        if at == FEATURES - 1 {
            let whole = workspace.client.get(path(&workspace, "alice")).await.expect(200);
            assert_eq!(whole["flags"].as_array().unwrap().len(), at);
        }
        let flag = workspace.feature(&format!("flag{at}"), "x").await;
        let body = json!({"feature": {"id": flag}, "segment": {"id": id(&segment)}, "enabled": true,
            "value": {"type": "string", "value": "y"}});
        workspace.client.post(&update, body).await.expect(204);
    }
    let refused = workspace.client.get(path(&workspace, "alice")).await.expect(400);
    let detail = "A trace tells of 20000 conditions at the most. Name one feature, as `feature`.";
    assert_eq!(refused["detail"], detail, "{refused}");
    assert_eq!(
        trace(&workspace, "alice", "Flag7").await["feature"]["name"],
        "flag7"
    );
    server.stop().await;
}
