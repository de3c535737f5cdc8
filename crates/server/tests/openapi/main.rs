//! The OpenAPI document is generated from the handlers; the one that is committed is the same.
//! `make openapi` writes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod refusals;

use liftgate_testkit::TestServer;
use std::path::PathBuf;

#[tokio::test]
async fn the_committed_document_is_the_one_the_server_gives() {
    let server = TestServer::start().await;
    let served = server.anonymous().get("/api/v1/swagger.json").await.expect(200);
    assert_eq!(
        served["openapi"]
            .as_str()
            .map(|version| version.starts_with("3.1")),
        Some(true)
    );
    for (path, methods) in served["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let access = operation["x-liftgate-access"].as_str();
            assert!(
                access.is_some_and(|who| !who.is_empty()),
                "{method} {path} does not say who may call"
            );
        }
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = serde_json::to_string_pretty(&served).unwrap() + "\n";
    if std::env::var_os("LIFTGATE_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/openapi.json is not what the handlers say; run `make openapi`"
    );
    server.stop().await;
}
