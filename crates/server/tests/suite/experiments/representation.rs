//! Which answer carries what, and that the rollout is read back from its two sources of truth.

use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

/// The rollout in the list, and in the detail.
pub(super) async fn read_back(workspace: &Workspace, experiment: i64) -> (Value, Value) {
    let list = workspace
        .client
        .get(workspace.path("experiments/"))
        .await
        .expect(200);
    let row = list["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == experiment)
        .unwrap()
        .clone();
    let detail = workspace
        .client
        .get(workspace.path(&format!("experiments/{experiment}/")))
        .await
        .expect(200);
    (
        row["experiment_rollout"].clone(),
        detail["experiment_rollout"].clone(),
    )
}

async fn every_answer_carries_the_rollout(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 30.0), ("kb", "b", 20.0)])
        .await;
    let rollout = workspace.rollout(&flag, 30.0, &[50.0, 25.0]);
    let body = json!({"feature": flag.id, "name": "Button colour", "hypothesis": "Green", "experiment_rollout": rollout});
    let created = workspace
        .client
        .post(workspace.path("experiments/"), body)
        .await
        .expect(201);
    assert_eq!(created["feature"], flag.id);
    assert!(created.get("experiment_rollout").is_none() && created.get("metrics").is_none());
    let id = created["id"].as_i64().unwrap();
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));

    let expected = json!({
        "enabled": true,
        "rollout_percentage": 30.0,
        "feature_state_value": {"type": "string", "value": "control-value"},
        "multivariate_feature_state_values": [
            {"multivariate_feature_option": flag.options[0], "percentage_allocation": 50.0},
            {"multivariate_feature_option": flag.options[1], "percentage_allocation": 25.0},
        ],
    });
    assert_eq!(
        read_back(&workspace, id).await,
        (expected.clone(), expected.clone())
    );
    for action in ["start/", "pause/", "start/"] {
        let answer = workspace.client.post(path(action), json!({})).await.expect(200);
        assert_eq!(answer["experiment_rollout"], expected, "{action}");
    }
    let answer = workspace
        .client
        .patch(path("rollout/"), workspace.rollout(&flag, 60.0, &[40.0, 40.0]))
        .await
        .expect(200);
    assert_eq!(answer["experiment_rollout"]["rollout_percentage"], 60.0);
    assert_eq!(answer["experiment_rollout"], read_back(&workspace, id).await.0);
    assert_eq!(
        answer["feature"]["multivariate_options"][0]["default_percentage_allocation"],
        0.0
    );
    assert_eq!(answer["feature"]["multivariate_options"][0]["key"], "ka");
    let answer = workspace
        .client
        .post(path("complete/"), json!({}))
        .await
        .expect(200);
    assert_eq!(answer["experiment_rollout"]["rollout_percentage"], 60.0);
    assert_eq!(answer["status"], "completed");
    let answer = workspace
        .client
        .patch(path(""), json!({"name": "Renamed"}))
        .await
        .expect(200);
    assert!(answer.get("experiment_rollout").is_none());
    server.stop().await;
}

#[tokio::test]
async fn every_answer_carries_the_rollout_without_versioning() {
    every_answer_carries_the_rollout(false).await;
}

#[tokio::test]
async fn every_answer_carries_the_rollout_with_versioning() {
    every_answer_carries_the_rollout(true).await;
}

async fn the_rollout_is_read_from_the_flag(versioned: bool) {
    let server = TestServer::start().await;
    let workspace = server.workspace(versioned).await;
    let flag = workspace
        .flag("checkout", &[("ka", "a", 0.0), ("kb", "b", 0.0)])
        .await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 30.0, &[50.0, 25.0])))
        .await;

    // An option that is deleted disappears from the rollout.
    let option = workspace.project_path(&format!("features/{}/mv-options/{}/", flag.id, flag.options[1]));
    workspace.client.delete(option).await.expect(204);
    let (listed, read) = read_back(&workspace, id).await;
    assert_eq!(listed, read);
    assert_eq!(
        listed["multivariate_feature_state_values"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // Removing the override behind the experiment's back makes it null, never a failure of the list.
    let links = format!(
        "/api/v1/features/feature-segments/?environment={}&feature={}",
        workspace.environment, flag.id
    );
    let links = workspace.client.get(links).await.expect(200);
    let link = &links["results"][0];
    assert_eq!(link["segment_name"], format!("experiment-{id}-rollout"));
    workspace
        .client
        .delete(format!("/api/v1/features/feature-segments/{}/", link["id"]))
        .await
        .expect(204);
    assert_eq!(read_back(&workspace, id).await, (Value::Null, Value::Null));

    // The next change of the rollout brings it back.
    let path = workspace.path(&format!("experiments/{id}/rollout/"));
    let answer = workspace
        .client
        .patch(path, workspace.rollout(&flag, 40.0, &[10.0]))
        .await
        .expect(200);
    assert_eq!(answer["experiment_rollout"]["rollout_percentage"], 40.0);
    server.stop().await;
}

#[tokio::test]
async fn the_rollout_is_read_from_the_flag_without_versioning() {
    the_rollout_is_read_from_the_flag(false).await;
}

#[tokio::test]
async fn the_rollout_is_read_from_the_flag_with_versioning() {
    the_rollout_is_read_from_the_flag(true).await;
}

#[tokio::test]
async fn values_of_every_type_are_read_back_as_typed_text() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let id = workspace.experiment(&flag, None).await;
    assert_eq!(read_back(&workspace, id).await, (Value::Null, Value::Null));
    for (sent, shown) in [
        (
            json!({"type": "integer", "value": "7"}),
            json!({"type": "integer", "value": "7"}),
        ),
        (
            json!({"type": "boolean", "value": "True"}),
            json!({"type": "boolean", "value": "true"}),
        ),
        (
            json!({"type": "string", "value": ""}),
            json!({"type": "string", "value": ""}),
        ),
        (
            json!({"type": "string", "value": "grün"}),
            json!({"type": "string", "value": "grün"}),
        ),
    ] {
        let mut rollout = workspace.rollout(&flag, 10.0, &[50.0]);
        rollout["feature_state_value"] = sent;
        let path = workspace.path(&format!("experiments/{id}/rollout/"));
        let answer = workspace.client.patch(path, rollout).await.expect(200);
        assert_eq!(answer["experiment_rollout"]["feature_state_value"], shown);
    }
    server.stop().await;
}
