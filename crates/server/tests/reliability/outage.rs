//! Flags are served while the database is away, and a flag read asks it nothing.

use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn a_flag_read_makes_no_statement() {
    let server = TestServer::start().await;
    let workspace = server.workspace(true).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
        .await;
    let (sdk, backend) = (workspace.sdk(), workspace.server_sdk().await);
    let known = json!({"identifier": "alice", "traits": [{"trait_key": "plan", "trait_value": "pro"}]});
    sdk.post("/api/v1/identities/", known.clone()).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;

    // The jobs look at the database once a second, so what counts is that more reads do not mean more statements.
    let cost = async |reads: usize| {
        let before = server.store.statement_count();
        for _ in 0..reads {
            sdk.get("/api/v1/flags/").await.expect(200);
            sdk.get("/api/v1/flags/?feature=checkout").await.expect(200);
            backend.get("/api/v1/environment-document/").await.expect(200);
            sdk.post("/api/v1/identities/", known.clone()).await.expect(200);
            sdk.get("/api/v1/identities/?identifier=alice").await.expect(200);
        }
        server.store.statement_count() - before
    };
    let begun = std::time::Instant::now();
    let statements = cost(200).await;
    let ticks = begun.elapsed().as_secs() + 2;
    println!("1,000 reads: {statements} statements in {ticks} s, all of them the jobs'");
    assert!(statements <= ticks * 12, "{statements} statements in {ticks} s");
    server.stop().await;
}

#[tokio::test]
async fn flags_are_served_while_the_database_is_away() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace.feature("banner", "hello").await;
    let (sdk, backend) = (workspace.sdk(), workspace.server_sdk().await);
    sdk.get("/api/v1/identities/?identifier=known").await.expect(200);
    server.store.clone().close().await.unwrap();

    for _ in 0..20 {
        assert_eq!(
            sdk.get("/api/v1/flags/").await.expect(200)[0]["feature_state_value"],
            "hello"
        );
        backend.get("/api/v1/environment-document/").await.expect(200);
        sdk.get("/api/v1/identities/?identifier=known").await.expect(200);
        sdk.get("/api/v1/identities/?identifier=unknown")
            .await
            .expect(200);
    }
    let refused = workspace.client.get("/api/v1/organisations/").await;
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    assert_eq!(refused.status, 503);
    let written = sdk
        .post(
            "/api/v1/identities/",
            json!({"identifier": "known", "traits": [{"trait_key": "a", "trait_value": 1}]}),
        )
        .await;
    assert_eq!(
        (written.status, written.header("retry-after").is_some()),
        (503, true)
    );
    assert_eq!(server.anonymous().get("/health/liveness/").await.status, 200);
    let readiness = server
        .anonymous()
        .get("/health/readiness/?format=json")
        .await
        .expect(500);
    assert_eq!(
        readiness["DatabaseBackend"],
        "unavailable: the database does not answer"
    );
    server.stop().await;
}
