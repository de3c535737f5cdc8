//! Start, pause, complete, delete.

use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn every_step_of_the_life_cycle_is_allowed_or_refused_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let way = |status: &str| -> &'static [&'static str] {
        match status {
            "created" => &[],
            "running" => &["start/"],
            "paused" => &["start/", "pause/"],
            _ => &["start/", "complete/"],
        }
    };
    let allowed = [
        ("created", "start/"),
        ("running", "pause/"),
        ("running", "complete/"),
        ("paused", "start/"),
        ("paused", "complete/"),
    ];
    for status in ["created", "running", "paused", "completed"] {
        for action in ["start/", "pause/", "complete/"] {
            let name = format!("{status}_{}", action.trim_end_matches('/'));
            let flag = workspace.flag(&name, &[("ka", "a", 0.0)]).await;
            let id = workspace.experiment(&flag, None).await;
            let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
            for step in way(status) {
                workspace.client.post(path(step), json!({})).await.expect(200);
            }
            let answer = workspace.client.post(path(action), json!({})).await;
            if allowed.contains(&(status, action)) {
                answer.expect(200);
            } else {
                assert_eq!(
                    answer.expect(400),
                    json!({"detail": "Unable to transition experiment status."}),
                    "{status} {action}"
                );
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_first_start_counts_and_switches_the_rollout_on() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let mut rollout = workspace.rollout(&flag, 100.0, &[50.0]);
    rollout["enabled"] = json!(false);
    let id = workspace.experiment(&flag, Some(rollout)).await;
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
    let started = workspace.client.post(path("start/"), json!({})).await.expect(200);
    assert_eq!(started["experiment_rollout"]["enabled"], true);
    assert!(started["ended_at"].is_null());
    workspace.client.post(path("pause/"), json!({})).await.expect(200);
    let resumed = workspace.client.post(path("start/"), json!({})).await.expect(200);
    assert_eq!(resumed["started_at"], started["started_at"]);
    let refused = workspace.client.delete(path("")).await.expect(400);
    assert_eq!(
        refused,
        json!({"detail": "Cannot delete a running experiment. Pause or complete it first."})
    );
    let ended = workspace
        .client
        .post(path("complete/"), json!({}))
        .await
        .expect(200);
    assert!(ended["ended_at"].is_string());
    let refused = workspace
        .client
        .patch(path("rollout/"), workspace.rollout(&flag, 10.0, &[10.0]))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!(["Cannot change the rollout of a completed experiment."])
    );
    server.stop().await;
}
