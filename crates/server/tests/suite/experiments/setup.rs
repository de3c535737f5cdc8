//! Setting up: validation, conflicts, keys, metrics, permissions.

use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn refusals_are_told_by_field() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let standard = workspace.feature("standard", "x").await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let metric = workspace.metric("Purchases", "purchase", "occurrence").await;
    let path = workspace.path("experiments/");
    let refused = |body| workspace.client.post(&path, body);

    assert_eq!(
        refused(json!({})).await.expect(400),
        json!({"feature": ["This field is required."], "name": ["This field is required."], "hypothesis": ["This field is required."]})
    );
    let base = json!({"feature": flag.id, "name": "n", "hypothesis": "h"});
    let with = |field: &str, value| {
        let mut body = base.clone();
        body[field] = value;
        body
    };
    assert_eq!(
        refused(with("feature", json!(standard))).await.expect(400),
        json!({"feature": ["Experiments can only be created for multivariate flags."]})
    );
    assert_eq!(
        refused(with("feature", json!(999))).await.expect(400),
        json!({"feature": ["Invalid pk \"999\" - object does not exist."]})
    );
    let twice = json!([{"metric": metric, "expected_direction": "increase"}, {"metric": metric, "expected_direction": "decrease"}]);
    assert_eq!(
        refused(with("metrics", twice)).await.expect(400),
        json!({"metrics": ["Metric can only be attached once per experiment."]})
    );
    let mixed = json!([{"metric": metric, "expected_direction": "increase"}, {"metric": 999, "expected_direction": "decrease"}]);
    assert_eq!(
        refused(with("metrics", mixed)).await.expect(400),
        json!({"metrics": [{}, {"metric": ["Invalid pk \"999\" - object does not exist."]}]})
    );
    assert_eq!(
        refused(with("experiment_rollout", json!({"enabled": true})))
            .await
            .expect(400)["experiment_rollout"]["rollout_percentage"],
        json!(["This field is required."])
    );
    let list = workspace.client.get(&path).await.expect(200);
    assert_eq!(list["count"], 0, "nothing is half done");
    server.stop().await;
}

#[tokio::test]
async fn a_feature_has_one_unfinished_experiment_even_in_a_race() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let path = workspace.path("experiments/");
    let body = json!({"feature": flag.id, "name": "n", "hypothesis": "h", "experiment_rollout": workspace.rollout(&flag, 10.0, &[50.0])});
    let tries = (0..8).map(|_| {
        let (client, path, body) = (workspace.client.clone(), path.clone(), body.clone());
        tokio::spawn(async move { client.post(path, body).await.status })
    });
    let mut statuses = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        statuses.push(one.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    let refused = workspace.client.post(&path, body.clone()).await.expect(409);
    assert_eq!(
        refused,
        json!({"detail": "An active experiment already exists for this feature."})
    );

    let list = workspace.client.get(&path).await.expect(200);
    let id = list["results"][0]["id"].as_i64().unwrap();
    for action in ["start/", "complete/"] {
        workspace
            .client
            .post(workspace.path(&format!("experiments/{id}/{action}")), json!({}))
            .await
            .expect(200);
    }
    workspace.client.post(&path, body).await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn options_without_keys_get_keys() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let body = json!({"name": "checkout", "type": "MULTIVARIATE", "initial_value": "c", "multivariate_options": [
        {"type": "unicode", "string_value": "a", "default_percentage_allocation": 0},
        {"type": "unicode", "string_value": "b", "default_percentage_allocation": 0}]});
    let feature = workspace
        .client
        .post(workspace.project_path("features/"), body)
        .await
        .expect(201);
    let body = json!({"feature": feature["id"], "name": "n", "hypothesis": "h"});
    let id = workspace
        .client
        .post(workspace.path("experiments/"), body)
        .await
        .expect(201)["id"]
        .clone();
    let shown = workspace
        .client
        .get(workspace.path(&format!("experiments/{id}/")))
        .await
        .expect(200);
    let keys: Vec<_> = shown["feature"]["multivariate_options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["key"])
        .collect();
    assert_eq!(keys, ["Variant_1", "Variant_2"]);
    server.stop().await;
}

#[tokio::test]
async fn only_environment_admins_write_and_viewers_read() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let id = workspace.experiment(&flag, None).await;
    let path = workspace.path("experiments/");
    let one = workspace.path(&format!("experiments/{id}/"));
    assert_eq!(server.anonymous().get(&path).await.status, 401);
    let stranger = server.sign_up("stranger@example.com").await;
    for answer in [
        stranger.get(&path).await,
        stranger.get(&one).await,
        stranger.post(&path, json!({})).await,
    ] {
        assert_eq!(
            answer.expect(403),
            json!({"detail": "You do not have permission to perform this action."})
        );
    }
    assert_eq!(
        workspace
            .client
            .get("/api/v1/environments/unknown/experiments/")
            .await
            .status,
        403
    );
    assert_eq!(
        workspace
            .client
            .get(workspace.path("experiments/999/"))
            .await
            .expect(404),
        json!({"detail": "No Experiment matches the given query."})
    );
    assert_eq!(
        workspace
            .client
            .get(workspace.path("experiments/abc/"))
            .await
            .expect(404),
        json!({"detail": "Not found."})
    );

    let key = json!({"name": "ci"});
    let keys = format!(
        "/api/v1/organisations/{}/master-api-keys/",
        workspace.organisation
    );
    let key = workspace.client.post(keys, key).await.expect(201);
    let master = server.anonymous().with(
        "authorization",
        format!("Api-Key {}", key["key"].as_str().unwrap()),
    );
    master.get(&one).await.expect(200);
    master
        .put(&one, json!({"name": "By key", "hypothesis": "h"}))
        .await
        .expect(200);
    server.stop().await;
}

#[tokio::test]
async fn put_works_without_the_feature_and_refuses_another_one() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let id = workspace.experiment(&flag, None).await;
    let path = workspace.path(&format!("experiments/{id}/"));
    let changed = workspace
        .client
        .put(
            &path,
            json!({"name": "New", "hypothesis": "H", "feature": flag.id}),
        )
        .await
        .expect(200);
    assert_eq!(
        (changed["name"].as_str(), changed["hypothesis"].as_str()),
        (Some("New"), Some("H"))
    );
    for (field, message) in [
        ("feature", "Cannot change the feature of an existing experiment."),
        ("metrics", "Cannot change the metrics of an existing experiment."),
        (
            "experiment_rollout",
            "Cannot change the rollout via this endpoint; use the rollout endpoint instead.",
        ),
    ] {
        let refused = workspace
            .client
            .patch(&path, json!({field: 9999}))
            .await
            .expect(400);
        assert_eq!(refused, json!({field: [message]}));
    }
    server.stop().await;
}
