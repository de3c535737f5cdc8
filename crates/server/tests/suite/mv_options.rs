//! Multivariate options through HTTP (contract, admin API, section 4.3).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use crate::variants::{lines, live};
use liftgate_testkit::{Flag, TestServer, Workspace};
use serde_json::{Value, json};

fn path(workspace: &Workspace, feature: i64, below: &str) -> String {
    workspace.project_path(&format!("features/{feature}/mv-options/{below}"))
}

async fn shares(server: &TestServer, workspace: &Workspace, flag: &Flag) -> Vec<f64> {
    let states = live(server, workspace, flag.id).await;
    states[0]
        .allocations
        .iter()
        .map(|share| share.percentage)
        .collect()
}

#[tokio::test]
async fn an_option_is_shown_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("x", "c").await;
    let list = path(&workspace, feature, "");
    let body = json!({"feature": feature, "type": "int", "integer_value": "7", "default_percentage_allocation": 30,
        "key": "ka"});
    let made = workspace.client.post(&list, body).await.expect(201);
    assert_eq!(
        keys(&made),
        [
            "id",
            "uuid",
            "type",
            "integer_value",
            "string_value",
            "boolean_value",
            "default_percentage_allocation",
            "key",
            "feature"
        ]
    );
    assert_eq!(
        (&made["type"], &made["integer_value"], &made["string_value"]),
        (&json!("int"), &json!(7), &json!(null))
    );
    assert_eq!(made["default_percentage_allocation"], 30.0);
    let one = path(&workspace, feature, &format!("{}/", id(&made)));
    assert_eq!(workspace.client.get(&one).await.expect(200), made);
    let by_uuid = format!(
        "/api/v1/multivariate/options/get-by-uuid/{}/",
        made["uuid"].as_str().unwrap()
    );
    assert_eq!(workspace.client.get(by_uuid).await.expect(200), made);
    let shown = workspace.client.get(&list).await.expect(200);
    assert_eq!(
        shown,
        json!({"count": 1, "next": null, "previous": null, "results": [made]})
    );
    let feature = workspace
        .client
        .get(workspace.project_path(&format!("features/{feature}/")))
        .await
        .expect(200);
    assert_eq!(feature["type"], "MULTIVARIATE");

    let log = audit_log(&server, &workspace).await;
    let last: Vec<&String> = log.iter().rev().take(2).collect();
    assert_eq!(
        last,
        [
            "Flag / Remote Config updated: x",
            "Multivariate option added to feature 'x'."
        ]
    );
    assert_eq!(workspace.client.delete(&one).await.status, 204);
    let path = workspace.project_path(&format!("features/{}/", id(&feature)));
    assert_eq!(workspace.client.get(path).await.expect(200)["type"], "STANDARD");
    let log = audit_log(&server, &workspace).await;
    assert!(log.contains(&"Multivariate option removed from feature 'x'.".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0), ("kb", "b", 20.0)]).await;
    let list = path(&workspace, flag.id, "");
    let one = path(&workspace, flag.id, &format!("{}/", flag.options[1]));
    let put = async |body: Value| workspace.client.put(&one, body).await.expect(400);
    let with = |field: &str, value: Value| {
        let mut body =
            json!({"feature": flag.id, "default_percentage_allocation": 20.0, "string_value": "b"});
        body[field] = value;
        body
    };
    assert_eq!(
        put(with("key", json!("ka"))).await,
        json!({"key": ["Multivariate option with this key already exists for the feature."]})
    );
    assert_eq!(
        put(with("key", json!("control"))).await,
        json!({"key": ["\"control\" is a reserved variant key."]})
    );
    assert_eq!(
        put(with("key", json!("a b"))).await,
        json!({"key": ["Enter a valid \u{201c}slug\u{201d} consisting of letters, numbers, underscores or hyphens."]})
    );
    let too_much = json!({"default_percentage_allocation": ["Invalid percentage allocation"]});
    assert_eq!(
        put(with("default_percentage_allocation", json!(71))).await,
        too_much
    );
    assert_eq!(
        put(with("default_percentage_allocation", json!(101))).await,
        json!({"default_percentage_allocation": ["Ensure this value is less than or equal to 100."]})
    );
    assert_eq!(
        put(json!({})).await,
        json!({"feature": ["This field is required."]})
    );
    let pk = json!({"feature": ["Invalid pk \"999\" - object does not exist."]});
    assert_eq!(put(with("feature", json!(999))).await, pk);
    assert_eq!(
        workspace
            .client
            .post(&list, json!({"feature": flag.id, "string_value": "c"}))
            .await
            .expect(400),
        too_much
    );
    assert_eq!(
        put(with("integer_value", json!(3_000_000_000_i64))).await,
        json!({"integer_value": ["Ensure this value is less than or equal to 2147483647."]})
    );
    let nothing = path(&workspace, 999, "");
    let body = json!({"feature": 999});
    let missing = json!({"detail": "No Feature matches the given query."});
    assert_eq!(workspace.client.post(nothing, body).await.expect(404), missing);
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_mentioned_stays() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0)]).await;
    let one = path(&workspace, flag.id, &format!("{}/", flag.options[0]));
    let patched = workspace
        .client
        .patch(&one, json!({"string_value": "new"}))
        .await
        .expect(200);
    assert_eq!(
        (
            &patched["string_value"],
            &patched["key"],
            &patched["default_percentage_allocation"]
        ),
        (&json!("new"), &json!("ka"), &json!(30.0))
    );
    let put = workspace
        .client
        .put(&one, json!({"feature": flag.id, "key": null}))
        .await
        .expect(200);
    assert_eq!((&put["string_value"], &put["key"]), (&json!("new"), &json!(null)));
    assert_eq!(
        shares(&server, &workspace, &flag).await,
        [30.0],
        "environments keep their shares"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_new_option_needs_room_in_every_environment() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0)]).await;
    let state = workspace
        .client
        .get(workspace.path("featurestates/"))
        .await
        .expect(200);
    let state = id(&state["results"][0]);
    let full = json!({"multivariate_feature_state_values":
        [{"multivariate_feature_option": flag.options[0], "percentage_allocation": 90.0}]});
    workspace
        .client
        .put(workspace.path(&format!("featurestates/{state}/")), full)
        .await
        .expect(200);
    let list = path(&workspace, flag.id, "");
    let option =
        |share: f64| json!({"feature": flag.id, "string_value": "b", "default_percentage_allocation": share});
    assert_eq!(
        workspace.client.post(&list, option(20.0)).await.expect(400),
        json!({"default_percentage_allocation": ["Invalid percentage allocation"]})
    );
    workspace.client.post(&list, option(10.0)).await.expect(201);
    assert_eq!(shares(&server, &workspace, &flag).await, [90.0, 10.0]);
    server.stop().await;
}

#[tokio::test]
async fn a_new_option_reaches_every_version_and_moves_nobody() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0), ("kb", "b", 20.0)]).await;
    let before = lines(&server, &workspace, &flag).await;
    let versions = format!(
        "/api/v1/environments/{}/features/{}/versions/",
        workspace.environment, flag.id
    );
    let draft = workspace.client.post(&versions, json!({})).await.expect(201);
    let body = json!({"feature": flag.id, "string_value": "c", "default_percentage_allocation": 10.0});
    let made = workspace
        .client
        .post(path(&workspace, flag.id, ""), body)
        .await
        .expect(201);
    let after = lines(&server, &workspace, &flag).await;
    assert_eq!(after[0].1, before[0].1);
    assert_eq!(after[0].2[..2], before[0].2[..]);
    assert_eq!(i64::from(after[0].2[2]), id(&made));
    let states = format!("{versions}{}/featurestates/", draft["uuid"].as_str().unwrap());
    let states = workspace.client.get(states).await.expect(200);
    assert_eq!(
        states[0]["multivariate_feature_state_values"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    server.stop().await;
}

#[tokio::test]
async fn where_an_experiment_holds_the_default_a_new_option_waits() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0)]).await;
    let experiment = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
        .await;
    let body =
        json!({"feature": flag.id, "string_value": "b", "key": "kb", "default_percentage_allocation": 20.0});
    workspace
        .client
        .post(path(&workspace, flag.id, ""), body)
        .await
        .expect(201);
    assert_eq!(
        shares(&server, &workspace, &flag).await,
        [0.0, 0.0],
        "everybody outside of the cohort gets control"
    );
    let one = workspace.path(&format!("experiments/{experiment}/"));
    assert_eq!(workspace.client.delete(one).await.status, 204);
    assert_eq!(shares(&server, &workspace, &flag).await, [30.0, 20.0]);
    server.stop().await;
}

#[tokio::test]
async fn a_removed_option_leaves_overrides_and_experiments_too() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0), ("kb", "b", 20.0)]).await;
    let experiment = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[40.0, 30.0])))
        .await;
    let one = path(&workspace, flag.id, &format!("{}/", flag.options[0]));
    assert_eq!(workspace.client.delete(one).await.status, 204);
    for state in live(&server, &workspace, flag.id).await {
        let options: Vec<i64> = state
            .allocations
            .iter()
            .map(|share| i64::from(share.option.0))
            .collect();
        assert_eq!(options, [flag.options[1]]);
    }
    let shown = workspace
        .client
        .get(workspace.path(&format!("experiments/{experiment}/")))
        .await
        .expect(200);
    let shares = &shown["experiment_rollout"]["multivariate_feature_state_values"];
    assert_eq!(
        *shares,
        json!([{"multivariate_feature_option": flag.options[1], "percentage_allocation": 30.0}])
    );
    server.stop().await;
}

#[tokio::test]
async fn options_ask_for_their_permissions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("x", &[("ka", "a", 30.0)]).await;
    let list = path(&workspace, flag.id, "");
    let one = path(&workspace, flag.id, &format!("{}/", flag.options[0]));
    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    let editor = member(
        &server,
        &workspace,
        "editor@example.com",
        &["CREATE_FEATURE"],
        &[],
    )
    .await;
    let nobody = member(&server, &workspace, "nobody@example.com", &[], &[]).await;
    let forbidden = json!({"detail": FORBIDDEN});
    viewer.get(&list).await.expect(200);
    assert_eq!(
        viewer.get(&one).await.expect(403),
        forbidden,
        "one takes project admin"
    );
    assert_eq!(viewer.patch(&one, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.put(&one, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.post(&list, json!({})).await.expect(403), forbidden);
    assert_eq!(viewer.delete(&one).await.expect(403), forbidden);
    assert_eq!(nobody.get(&list).await.expect(403), forbidden, "not 404");
    assert_eq!(
        workspace
            .client
            .get("/api/v1/projects/999/features/1/mv-options/")
            .await
            .expect(403),
        forbidden
    );
    editor.patch(&one, json!({"key": "kc"})).await.expect(200);
    let made = workspace.client.get(&one).await.expect(200);
    let uuid = format!(
        "/api/v1/multivariate/options/get-by-uuid/{}/",
        made["uuid"].as_str().unwrap()
    );
    viewer.get(&uuid).await.expect(200);
    assert_eq!(
        nobody.get(&uuid).await.expect(404),
        json!({"detail": "No MultivariateFeatureOption matches the given query."})
    );
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    server.stop().await;
}
