//! What becomes of the flag: deleting and shipping.

use liftgate_testkit::TestServer;
use serde_json::{Value, json};

/// The option shares of the environment default, by option.
async fn default_shares(client: &liftgate_testkit::Client, environment: &str, feature: i64) -> Vec<f64> {
    let path = format!("/api/v1/environments/{environment}/featurestates/?feature={feature}");
    let list = client.get(path).await.expect(200);
    let shares = list["results"][0]["multivariate_feature_state_values"]
        .as_array()
        .unwrap()
        .clone();
    shares
        .iter()
        .map(|share| share["percentage_allocation"].as_f64().unwrap())
        .collect()
}

async fn deleting_gives_the_flag_back(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let shares = || default_shares(&workspace.client, &workspace.environment_key, flag.id);
    assert_eq!(shares().await, [30.0, 20.0]);
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 30.0, &[50.0, 25.0])))
        .await;
    assert_eq!(shares().await, [0.0, 0.0]);
    workspace
        .client
        .delete(workspace.path(&format!("experiments/{id}/")))
        .await
        .expect(204);
    assert_eq!(shares().await, [30.0, 20.0]);
    let document = workspace
        .server_sdk()
        .await
        .get("/api/v1/environment-document/")
        .await
        .expect(200);
    assert_eq!(document["project"]["segments"], json!([]));
    assert_eq!(
        workspace
            .client
            .get(workspace.path(&format!("experiments/{id}/")))
            .await
            .status,
        404
    );
    workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 10.0, &[50.0, 25.0])))
        .await;
    server.stop().await;
}

#[tokio::test]
async fn deleting_gives_the_flag_back_without_versioning() {
    deleting_gives_the_flag_back(false).await;
}

#[tokio::test]
async fn deleting_gives_the_flag_back_with_versioning() {
    deleting_gives_the_flag_back(true).await;
}

async fn shipping_gives_everybody_the_winner(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 10.0, &[50.0, 25.0])))
        .await;
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
    let refused = workspace
        .client
        .post(path("ship/"), json!({"variant": "kb"}))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"detail": "Unable to transition experiment status."}),
        "it was never started"
    );
    workspace.client.post(path("start/"), json!({})).await.expect(200);
    let refused = workspace
        .client
        .post(path("ship/"), json!({"variant": "kc"}))
        .await
        .expect(400);
    assert_eq!(refused, json!({"variant": ["\"kc\" is not a valid choice."]}));
    let shipped = workspace
        .client
        .post(path("ship/"), json!({"variant": "kb"}))
        .await
        .expect(200);
    assert_eq!(
        (&shipped["status"], &shipped["experiment_rollout"]),
        (&json!("completed"), &Value::Null)
    );
    for number in 0..50 {
        let answer = workspace
            .sdk()
            .get(format!("/api/v1/identities/?identifier=u{number}&transient=true"))
            .await
            .expect(200);
        let state = &answer["flags"][0];
        assert_eq!(
            (state["feature_state_value"].as_str(), state["variant"].as_str()),
            (Some("b"), Some("kb"))
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn shipping_gives_everybody_the_winner_without_versioning() {
    shipping_gives_everybody_the_winner(false).await;
}

#[tokio::test]
async fn shipping_gives_everybody_the_winner_with_versioning() {
    shipping_gives_everybody_the_winner(true).await;
}

#[tokio::test]
async fn a_new_experiment_is_stronger_than_what_a_completed_one_left_behind() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 30.0)]).await;
    let old = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 100.0, &[0.0])))
        .await;
    for action in ["start/", "complete/"] {
        workspace
            .client
            .post(workspace.path(&format!("experiments/{old}/{action}")), json!({}))
            .await
            .expect(200);
    }
    let new = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 100.0, &[100.0])))
        .await;
    let answer = workspace
        .sdk()
        .get("/api/v1/identities/?identifier=u&transient=true")
        .await
        .expect(200);
    assert_eq!(answer["flags"][0]["feature_state_value"], "a");
    for id in [new, old] {
        workspace
            .client
            .delete(workspace.path(&format!("experiments/{id}/")))
            .await
            .expect(204);
    }
    assert_eq!(
        default_shares(&workspace.client, &workspace.environment_key, flag.id).await,
        [30.0]
    );
    server.stop().await;
}

/// A completed experiment and the one after it, with the path of the environment's experiments.
async fn two_in_a_row(workspace: &liftgate_testkit::Workspace) -> (liftgate_testkit::Flag, i64, i64) {
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let rollout = workspace.rollout(&flag, 30.0, &[50.0, 25.0]);
    let first = workspace.experiment(&flag, Some(rollout.clone())).await;
    for action in ["start", "complete"] {
        let path = workspace.path(&format!("experiments/{first}/{action}/"));
        workspace.client.post(path, json!({})).await.expect(200);
    }
    let second = workspace.experiment(&flag, Some(rollout)).await;
    (flag, first, second)
}

#[tokio::test]
async fn the_default_stays_with_the_experiment_that_holds_it_when_an_older_one_is_deleted() {
    for versioned in [false, true] {
        let server = TestServer::start().await;
        let workspace = server.workspace(versioned).await;
        let (flag, first, second) = two_in_a_row(&workspace).await;
        let shares = || default_shares(&workspace.client, &workspace.environment_key, flag.id);
        let delete = async |id: i64| {
            let path = workspace.path(&format!("experiments/{id}/"));
            workspace.client.delete(path).await.expect(204);
        };
        delete(first).await;
        assert_eq!(
            shares().await,
            [0.0, 0.0],
            "nobody outside of the cohort gets a variant"
        );
        delete(second).await;
        assert_eq!(shares().await, [30.0, 20.0]);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_older_experiment_cannot_be_shipped_under_a_newer_one() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let (flag, first, second) = two_in_a_row(&workspace).await;
    let ship = workspace.path(&format!("experiments/{first}/ship/"));
    let refused = workspace
        .client
        .post(&ship, json!({"variant": "ka"}))
        .await
        .expect(409);
    assert_eq!(refused, json!({"detail": "Another experiment holds this flag."}));
    let path = workspace.path(&format!("experiments/{second}/"));
    workspace.client.delete(path).await.expect(204);
    workspace
        .client
        .post(&ship, json!({"variant": "ka"}))
        .await
        .expect(200);
    let shares = default_shares(&workspace.client, &workspace.environment_key, flag.id).await;
    assert_eq!(shares, [100.0, 0.0]);
    server.stop().await;
}
