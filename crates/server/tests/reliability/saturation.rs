//! More writes than the database takes: what cannot be done is refused with a word about when to try again, flags and probes
//! are answered, and afterwards all is as before.

use liftgate_testkit::TestServer;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Writes at the same time: ten for each that may wait for its turn.
const WRITES: usize = 160;
/// How long anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_find_no_turn_are_refused_and_reads_are_answered() {
    let server = TestServer::start().await;
    if server.store.is_remote() {
        println!("skipped: Postgres has many writers");
        return;
    }
    let workspace = server.workspace(false).await;
    workspace.feature("banner", "hello").await;
    let sdk = workspace.sdk();

    // Nobody else can write as long as this goes on.
    let turn = server.store.begin().await.unwrap();
    let begun = Instant::now();
    let writes: Vec<_> = (0..WRITES)
        .map(|at| {
            let (client, sdk) = (workspace.client.clone(), sdk.clone());
            let path = workspace.project_path("tags/");
            tokio::spawn(async move {
                if at % 2 == 0 {
                    client
                        .post(path, json!({"label": format!("tag-{at}"), "color": "#3d4db6"}))
                        .await
                } else {
                    let traits = json!([{"trait_key": "number", "trait_value": at}]);
                    let body = json!({"identifier": format!("person-{at}"), "traits": traits});
                    sdk.post("/api/v1/identities/", body).await
                }
            })
        })
        .collect();
    let mut reads = 0;
    while !writes.iter().all(tokio::task::JoinHandle::is_finished) {
        assert!(begun.elapsed() < DEADLINE, "writes wait for ever");
        sdk.get("/api/v1/flags/").await.expect(200);
        assert_eq!(server.anonymous().get("/health/liveness/").await.status, 200);
        assert_eq!(server.anonymous().get("/health/readiness/").await.status, 200);
        reads += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for write in writes {
        let answer = write.await.unwrap();
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        *statuses.entry(answer.status).or_default() += 1;
    }
    println!(
        "{WRITES} writes without a turn: {statuses:?} after {:?}, {reads} reads meanwhile",
        begun.elapsed()
    );
    assert!(
        statuses.keys().all(|status| [429, 503].contains(status)),
        "{statuses:?}"
    );

    drop(turn);
    let free = Instant::now();
    loop {
        let body = json!({"label": "after", "color": "#3d4db6"});
        let made = workspace.client.post(workspace.project_path("tags/"), body).await;
        if made.status == 201 {
            break;
        }
        assert_eq!(made.status, 503, "{made:?}");
        assert!(free.elapsed() < DEADLINE, "it does not recover");
    }
    println!(
        "a write went through {:?} after the turn was free",
        free.elapsed()
    );
    let tags = workspace
        .client
        .get(workspace.project_path("tags/"))
        .await
        .expect(200);
    assert_eq!(tags["count"], 1, "what was refused was not done");
    server.stop().await;
}
