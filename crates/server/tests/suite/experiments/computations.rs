//! Exposures and results: from events to numbers.

use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};
use std::time::Duration;

/// Waits until a computation has answered the last request for it.
pub(super) async fn computed(workspace: &Workspace, experiment: i64, kind: &str) -> Value {
    let path = workspace.path(&format!("experiments/{experiment}/{kind}/"));
    for _ in 0..200 {
        let row = workspace.client.get(&path).await.expect(200)[kind].clone();
        let time = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        if time("as_of") >= time("refresh_requested_at") && !row["payload"].is_null() {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{kind} were not computed")
}

#[tokio::test(flavor = "multi_thread")]
async fn events_become_exposures_and_results() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let metric = workspace.metric("Purchases", "purchase", "occurrence").await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 100.0, &[50.0])))
        .await;
    let path = |action: &str| workspace.path(&format!("experiments/{id}/{action}"));
    workspace
        .client
        .post(
            path("metrics/"),
            json!({"metric": metric, "expected_direction": "increase"}),
        )
        .await
        .expect(201);
    let refused = workspace
        .client
        .post(path("exposures/refresh/"), json!({}))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"detail": "Cannot refresh exposures before the experiment starts."})
    );
    assert_eq!(
        workspace.client.get(path("results/")).await.expect(200),
        json!({"results": null})
    );
    workspace.client.post(path("start/"), json!({})).await.expect(200);

    // 120 identities: 60 in each variant; of the first 30 of control and the first 45 of ka each buys; one is seen in both.
    let now = liftgate_model::Clock::now(server.clock.as_ref()).as_millis();
    let mut events = Vec::new();
    for number in 0..120 {
        let variant = if number < 60 { "control" } else { "ka" };
        let who = format!("u{number}");
        events.push(
            json!({"event": "$flag_exposure", "feature_name": "checkout", "identifier": who, "value": variant,
            "traits": null, "metadata": {"experiment_id": id}, "timestamp": now + 10}),
        );
        if number < 30 || (60..105).contains(&number) {
            events.push(
                json!({"event": "purchase", "feature_name": null, "identifier": who, "value": "12.5",
                "traits": null, "metadata": {}, "timestamp": now + 20}),
            );
        }
    }
    for variant in ["control", "ka"] {
        events.push(json!({"event": "$flag_exposure", "feature_name": "checkout", "identifier": "both", "value": variant,
            "traits": null, "metadata": {}, "timestamp": now + 10}));
    }
    let count = events.len();
    // The same batch again, as a client does that did not see the answer: it counts once.
    for _ in 0..2 {
        let answer = workspace
            .sdk()
            .post("/v1/events", json!({"events": events}))
            .await
            .expect(202);
        assert_eq!(answer["accepted"], count);
    }
    server.clock.advance_seconds(60);
    for kind in ["exposures", "results"] {
        assert_eq!(
            workspace
                .client
                .post(path(&format!("{kind}/refresh/")), json!({}))
                .await
                .expect(202),
            Value::Null
        );
    }
    let exposures = computed(&workspace, id, "exposures").await;
    assert_eq!(exposures["payload"]["excluded_identities"], 1);
    assert_eq!(exposures["payload"]["timeseries"]["granularity"], "hour");
    assert_eq!(
        exposures["payload"]["timeseries"]["points"][0]["new_identities"],
        json!({"control": 60, "ka": 60})
    );
    let results = computed(&workspace, id, "results").await;
    let payload = &results["payload"];
    assert_eq!(payload["srm_p_value"], 1.0);
    assert_eq!(payload["metrics"][0]["metric_id"], metric);
    assert_eq!(
        payload["metrics"][0]["variants"]["ka"],
        json!({"n": 60, "sum": 45.0, "sum_squares": 45.0})
    );
    assert_eq!(
        payload["metrics"][0]["variants"]["control"],
        json!({"n": 60, "sum": 30.0, "sum_squares": 30.0})
    );
    assert_eq!(payload["metrics"][0]["inference"]["ka"]["lift"], 0.5);
    // Beside the keys that existing clients know, every method and what it comes to.
    let analysis = &payload["metrics"][0]["analysis"]["ka"];
    assert_eq!(
        (&analysis["status"], &analysis["relative"]["lift"]),
        (&json!("ok"), &json!(0.5))
    );
    assert_eq!(analysis["sequential"]["n_star"], 20_000.0);
    assert_eq!(analysis["sequential"]["ready"], false);
    assert_eq!(analysis["bayesian"]["stopping_rule_valid"], false);
    assert_eq!(
        payload["srm"]["by_phase"][0]["observed"],
        json!({"control": 60, "ka": 60})
    );
    assert_eq!(payload["srm"]["alarm"], false);
    assert_eq!(
        payload["decision"],
        json!({"decision": "keep_running", "because": [format!("goal {metric} inconclusive"), "day 0 of 7"], "variant": null,
            "variants": {"ka": "keep_running"}})
    );
    assert_eq!(payload["engine"]["alpha"], 0.05);
    // The SQL is to be run in the data directory, and nothing tells where that is.
    let sql = payload["engine"]["sql"][0].as_str().unwrap();
    assert!(sql.contains("read_parquet('events/parquet/environment="), "{sql}");
    let folder = server.data_dir().parent().unwrap().to_str().unwrap();
    assert!(!results.to_string().contains(folder), "{results}");
    assert_eq!(results["is_final"], false);

    let refused = workspace.client.post(path("results/refresh/"), json!({})).await;
    assert_eq!(
        refused
            .header("retry-after")
            .map(|text| text.parse::<i64>().unwrap() > 200),
        Some(true)
    );
    assert!(
        refused.expect(429)["detail"]
            .as_str()
            .unwrap()
            .starts_with("A refresh was requested recently. Try again later.")
    );

    // Completed, it is computed once more by itself and is final.
    workspace
        .client
        .post(path("complete/"), json!({}))
        .await
        .expect(200);
    server.clock.advance_seconds(301);
    workspace
        .client
        .post(path("results/refresh/"), json!({}))
        .await
        .expect(202);
    let last = computed(&workspace, id, "results").await;
    assert_eq!(last["is_final"], true);
    server.clock.advance_seconds(301);
    let refused = workspace
        .client
        .post(path("results/refresh/"), json!({}))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"detail": "Results are final for this completed experiment."})
    );
    let runs = format!(
        "/api/liftgate/v1/environments/{}/experiments/{id}/results/runs/",
        workspace.environment_key
    );
    assert!(
        workspace.client.get(runs).await.expect(200)["count"]
            .as_i64()
            .unwrap()
            >= 2,
        "every run is kept"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_experiments_are_computed_by_themselves() {
    let server = TestServer::start_with(|serve| serve.results_interval_seconds = 5).await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    let id = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 100.0, &[50.0])))
        .await;
    workspace
        .client
        .post(workspace.path(&format!("experiments/{id}/start/")), json!({}))
        .await
        .expect(200);
    let results = computed(&workspace, id, "results").await;
    assert_eq!(results["payload"]["metrics"], json!([]));
    assert!(results["refresh_requested_at"].is_null());
    server.stop().await;
}
