//! Writing rollouts: refusals, merging, what it does to the flag, what it leaves in the audit log.

use liftgate_testkit::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn shares_are_checked_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 0.0)])
        .await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 30.0, &[50.0, 25.0])))
        .await;
    let path = workspace.path(&format!("experiments/{id}/rollout/"));
    let share = |option: i64, share: f64| json!({"multivariate_feature_option": option, "percentage_allocation": share});
    let (a, b) = (flag.options[0], flag.options[1]);
    for (shares, message) in [
        (
            json!([share(a, 10.0), share(a, 20.0)]),
            "Multivariate options must be unique",
        ),
        (
            json!([share(999, 10.0)]),
            "Multivariate options [999] do not belong to the feature",
        ),
        (
            json!([share(a, 70.0), share(b, 70.0)]),
            "Multivariate allocations must not exceed 100%, got 140.0%.",
        ),
        (
            json!([share(a, 90.0)]),
            "Multivariate allocations for the feature state must not exceed 100%, got 115.0%.",
        ),
    ] {
        let mut body = workspace.rollout(&flag, 30.0, &[]);
        body["multivariate_feature_state_values"] = shares;
        assert_eq!(
            workspace.client.patch(&path, body).await.expect(400),
            json!([message])
        );
    }
    for percentage in [json!(-1), json!(100.5), json!("x"), Value::Null] {
        let mut body = workspace.rollout(&flag, 30.0, &[]);
        body["rollout_percentage"] = percentage;
        assert!(workspace.client.patch(&path, body).await.expect(400)["rollout_percentage"].is_array());
    }
    // Options that are not named keep their shares.
    let kept = workspace
        .client
        .patch(&path, workspace.rollout(&flag, 35.0, &[60.0]))
        .await
        .expect(200);
    let shares = &kept["experiment_rollout"]["multivariate_feature_state_values"];
    assert_eq!(
        (
            &shares[0]["percentage_allocation"],
            &shares[1]["percentage_allocation"]
        ),
        (&json!(60.0), &json!(25.0))
    );
    assert_eq!(workspace.client.put(&path, json!({})).await.status, 405);
    server.stop().await;
}

async fn the_flag_shows_what_a_rollout_does(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let before = server_document(&workspace.server_sdk().await).await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 30.0, &[50.0, 25.0])))
        .await;
    let sdk = workspace.server_sdk().await;
    let document = server_document(&sdk).await;
    assert_ne!(before["updated_at"], document["updated_at"]);
    let segments = document["project"]["segments"].as_array().unwrap();
    let segment = segments
        .iter()
        .find(|segment| segment["name"] == format!("experiment-{id}-rollout"))
        .unwrap();
    assert_eq!(
        segment["rules"][0]["conditions"][0],
        json!({"operator": "PERCENTAGE_SPLIT", "property_": "$.identity.key", "value": "30.0"})
    );
    // The default lists no option while the experiment owns it, so that no SDK counts those outside of the cohort.
    let default = document["feature_states"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["feature"]["name"] == "checkout")
        .unwrap();
    assert_eq!(default["multivariate_feature_state_values"], json!([]));
    assert_eq!(default["enabled"], true);
    // The segment is hidden from people.
    let listed = workspace
        .client
        .get(workspace.project_path("segments/"))
        .await
        .expect(200);
    assert_eq!(listed["count"], 0);
    let hidden = workspace.project_path(&format!("segments/{}/", segment["id"]));
    assert_eq!(workspace.client.get(hidden).await.status, 404);
    server.stop().await;
}

async fn server_document(sdk: &liftgate_testkit::Client) -> Value {
    sdk.get("/api/v1/environment-document/").await.expect(200)
}

#[tokio::test]
async fn the_flag_shows_what_a_rollout_does_without_versioning() {
    the_flag_shows_what_a_rollout_does(false).await;
}

#[tokio::test]
async fn the_flag_shows_what_a_rollout_does_with_versioning() {
    the_flag_shows_what_a_rollout_does(true).await;
}

#[tokio::test]
async fn a_rollout_leaves_an_audit_record_and_a_version() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 30.0, &[50.0])))
        .await;
    let versions = format!(
        "/api/v1/environments/{}/features/{}/versions/",
        workspace.environment, flag.id
    );
    let before = workspace.client.get(&versions).await.expect(200)["count"]
        .as_i64()
        .unwrap();
    let path = workspace.path(&format!("experiments/{id}/rollout/"));
    workspace
        .client
        .patch(path, workspace.rollout(&flag, 60.0, &[50.0]))
        .await
        .expect(200);
    let after = workspace.client.get(&versions).await.expect(200)["count"]
        .as_i64()
        .unwrap();
    assert_eq!(after, before + 1);
    let audit = workspace
        .client
        .get(workspace.project_path("audit/?search=rollout"))
        .await
        .expect(200);
    let texts: Vec<_> = audit["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["log"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        ["Experiment 'Button colour' rollout updated for environment Production"]
    );
    assert_eq!(audit["results"][0]["related_object_type"], "EXPERIMENT");
    server.stop().await;
}
