//! Several nodes on one Postgres.

use crate::streams::{path, served, switch, toggle};
use liftgate_testkit::{Notices, TestServer};
use serde_json::Value;
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
    switch(&workspace, true).await;
    let others =
        [&second, &third].map(|node| node.anonymous().with_environment_key(&workspace.environment_key));
    let stream = path(&workspace);
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
        toggle(&workspace, enabled).await;
        let changed = Instant::now();
        let news = served(&workspace).await;
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
