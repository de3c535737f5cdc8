//! The OpenAPI document is generated from the handlers; the one that is committed is the same.
//! `make openapi` writes it.

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

#[tokio::test]
async fn every_operation_refuses_who_may_not_call() {
    let server = TestServer::start().await;
    let stranger = server.sign_up("stranger@example.com").await;
    let document = server.anonymous().get("/api/v1/swagger.json").await.expect(200);
    let mut checked = 0;
    for (template, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let who = operation["x-liftgate-access"].as_str().unwrap();
            if who.starts_with("anyone") {
                continue;
            }
            let path: String = template
                .split('{')
                .enumerate()
                .fold(String::new(), |path, (index, part)| match part.split_once('}') {
                    Some((_, rest)) if index > 0 => path + "1" + rest,
                    _ => path + part,
                });
            let verb = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = server
                .anonymous()
                .send(verb.clone(), &path, Some(serde_json::json!({})))
                .await;
            assert!(
                [401, 403].contains(&answer.status),
                "anonymous {method} {path} ({who}): {}",
                answer.status
            );
            checked += 1;
            if who.starts_with("signed in") || who.contains("environment key") || who.contains("server-side")
            {
                continue;
            }
            let answer = stranger.send(verb, &path, Some(serde_json::json!({}))).await;
            let refused = [403, 404].contains(&answer.status) || answer.status == 401;
            assert!(
                refused,
                "a stranger's {method} {path} ({who}): {} {}",
                answer.status, answer.text
            );
        }
    }
    println!("{checked} operations refuse who may not call");
    assert!(checked > 100);
    server.stop().await;
}
