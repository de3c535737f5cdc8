//! Several nodes on one Postgres.

use liftgate_testkit::{Notices, TestServer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a node may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_change_on_one_node_is_served_and_told_by_all() {
    let first = TestServer::start().await;
    let (Some(second), Some(third)) = (first.beside().await, first.beside().await) else {
        println!("skipped: SQLite has one node");
        return;
    };
    let workspace = first.workspace(false).await;
    workspace.feature("banner", "hello").await;
    let realtime = json!({"enable_realtime_updates": true});
    workspace
        .client
        .patch(workspace.project_path(""), realtime)
        .await
        .expect(200);
    let others =
        [&second, &third].map(|node| node.anonymous().with_environment_key(&workspace.environment_key));
    let stream = format!("/sse/environments/{}/stream", workspace.environment_key);

    let switch = workspace.path("featurestates/");
    let id = workspace.client.get(&switch).await.expect(200)["results"][0]["id"].clone();
    let mut streams = Vec::new();
    for sdk in &others {
        let begun = Instant::now();
        while sdk.get("/api/v1/flags/").await.body[0]["enabled"] != true
            || sdk.open(&stream).await.status() != 200
        {
            assert!(begun.elapsed() < PATIENCE, "the environment is not served");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        streams.push(Notices::open(sdk, &stream).await);
    }
    for enabled in [false, true, false] {
        workspace
            .client
            .patch(format!("{switch}{id}/"), json!({"enabled": enabled}))
            .await
            .expect(200);
        let changed = Instant::now();
        let flags = workspace.sdk().get("/api/v1/flags/").await;
        let news: f64 = flags
            .header("x-flagsmith-document-updated-at")
            .unwrap()
            .parse()
            .unwrap();
        for (sdk, notices) in others.iter().zip(&mut streams) {
            // Older news may have waited.
            while notices.next().await.expect("the stream goes on").data["updated_at"]
                .as_f64()
                .unwrap()
                < news
            {}
            println!("told after {:?}", changed.elapsed());
            let flags: Value = sdk.get("/api/v1/flags/").await.expect(200);
            assert_eq!(flags[0]["enabled"], enabled, "what is told is served");
        }
    }
    for node in [third, second, first] {
        node.stop().await;
    }
}
