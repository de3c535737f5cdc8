//! The list of experiments.

use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn a_page_of_fifty_costs_as_many_statements_as_a_page_of_one() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let metric = workspace.metric("Purchases", "purchase", "occurrence").await;
    for number in 0..50 {
        let flag = workspace
            .flag(&format!("flag_{number}"), &[("ka", "a", 0.0)])
            .await;
        let id = workspace
            .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
            .await;
        let attach = json!({"metric": metric, "expected_direction": "increase"});
        workspace
            .client
            .post(workspace.path(&format!("experiments/{id}/metrics/")), attach)
            .await
            .expect(201);
    }
    let mut costs = Vec::new();
    for size in [1, 50] {
        // The jobs ask the database now and then, beside us: the least of several requests is the cost of the page.
        let mut least = u64::MAX;
        for _ in 0..8 {
            let before = server.store.statement_count();
            let path = workspace.path(&format!("experiments/?page_size={size}"));
            let list = workspace.client.get(path).await.expect(200);
            least = least.min(server.store.statement_count() - before);
            let rows = list["results"].as_array().unwrap();
            assert_eq!(rows.len(), size);
            assert!(
                rows.iter()
                    .all(|row| row["experiment_rollout"]["rollout_percentage"] == 50.0)
            );
        }
        costs.push(least);
    }
    println!("statements for a page of 1: {}, of 50: {}", costs[0], costs[1]);
    assert_eq!(costs[0], costs[1]);
    server.stop().await;
}

#[tokio::test]
async fn statuses_are_repeated_names_in_any_case() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let one = workspace.flag("one", &[("ka", "a", 0.0)]).await;
    let two = workspace.flag("two", &[("ka", "a", 0.0)]).await;
    let first = workspace.experiment(&one, None).await;
    let second = workspace.experiment(&two, None).await;
    workspace
        .client
        .post(workspace.path(&format!("experiments/{second}/start/")), json!({}))
        .await
        .expect(200);

    let list = workspace
        .client
        .get(workspace.path("experiments/"))
        .await
        .expect(200);
    let ids: Vec<_> = list["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, [second, first], "newest first");
    assert_eq!(
        list["status_counts"],
        json!({"created": 1, "running": 1, "paused": 0, "completed": 0})
    );

    let list = workspace
        .client
        .get(workspace.path("experiments/?status=RUNNING&status=paused"))
        .await
        .expect(200);
    assert_eq!(list["count"], 1);
    assert_eq!(
        list["status_counts"]["created"], 1,
        "counts do not follow the status"
    );
    let list = workspace
        .client
        .get(workspace.path("experiments/?q=TWO"))
        .await
        .expect(200);
    assert_eq!(
        (list["count"].as_i64(), list["status_counts"]["created"].as_i64()),
        (Some(1), Some(0))
    );
    let refused = workspace
        .client
        .get(workspace.path("experiments/?status=created&status=DRAFT"))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"status": {"1": ["\"DRAFT\" is not a valid choice."]}})
    );
    for (query, index) in [("status=", "0"), ("status=running&status=", "1")] {
        let path = workspace.path(&format!("experiments/?{query}"));
        let refused = workspace.client.get(path).await.expect(400);
        assert_eq!(
            refused,
            json!({"status": {index: ["\"\" is not a valid choice."]}})
        );
    }
    // An experiment that is named by its id is no list to filter.
    let path = workspace.path(&format!("experiments/{first}/?status=running&q=two"));
    assert_eq!(workspace.client.get(path).await.expect(200)["id"], first);
    server.stop().await;
}
