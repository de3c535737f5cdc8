//! The operator's rate of environment keys.

use liftgate_testkit::TestServer;

#[tokio::test]
async fn the_options_limit_each_key() {
    let server = TestServer::start_with(|serve| (serve.key_rate, serve.key_burst) = (1, 2)).await;
    let workspace = server.workspace(false).await;
    let (client, backend) = (workspace.sdk(), workspace.server_sdk().await);
    for sdk in [&client, &backend] {
        for status in [200, 200, 429] {
            sdk.get("/api/v1/flags/").await.expect(status);
        }
    }
    server.clock.advance_seconds(1);
    for status in [200, 429] {
        client.get("/api/v1/flags/").await.expect(status);
    }
    // The admin API has rates of its own.
    workspace.client.get(workspace.path("")).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn without_them_there_is_no_limit() {
    let server = TestServer::start().await;
    let sdk = server.workspace(false).await.sdk();
    for _ in 0..200 {
        sdk.get("/api/v1/flags/").await.expect(200);
    }
    server.stop().await;
}
