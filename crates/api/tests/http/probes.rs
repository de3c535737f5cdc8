//! The probes.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::kit::{Answer, Choice, Server};

async fn get(server: &Server, uri: &str, accept: &str) -> Answer {
    server
        .send(
            Request::builder()
                .uri(uri)
                .header("accept", accept)
                .body(Body::empty())
                .unwrap(),
        )
        .await
}

async fn broken() -> Server {
    Server::with(Choice {
        fault: Some("no answer <in time>".to_owned()),
        ..Choice::default()
    })
    .await
}

#[tokio::test]
async fn the_version_is_told_to_anybody() {
    let answer = get(&Server::new().await, "/version/", "*/*").await;
    let expected = json!({
        "ci_commit_sha": "unknown", "image_tag": "unknown", "has_email_provider": false, "experimentation_enabled": true,
        "is_enterprise": false, "is_saas": false, "self_hosted_data": {"has_users": true, "has_logins": false},
        "package_versions": {".": env!("CARGO_PKG_VERSION")},
    });
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(
        get(&broken().await, "/version/", "*/*").await.json()["self_hosted_data"],
        json!(null)
    );
}

#[tokio::test]
async fn liveness_asks_nothing_else() {
    assert_eq!(
        get(&broken().await, "/health/liveness/", "*/*").await.text(),
        r#"{"status":"ok"}"#
    );
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let working = json!({"DatabaseBackend": "working", "MigrationsHealthCheck": "working"});
    let missing =
        json!({"DatabaseBackend": "unavailable: no answer <in time>", "MigrationsHealthCheck": "working"});
    for path in ["/health/readiness/", "/health", "/healthcheck"] {
        for (uri, accept) in [
            (path.to_owned(), "application/json"),
            (format!("{path}?format=json"), "text/html"),
        ] {
            let answer = get(&Server::new().await, &uri, accept).await;
            assert_eq!((answer.status, answer.json()), (200, working.clone()), "{uri}");
            let answer = get(&broken().await, &uri, accept).await;
            assert_eq!((answer.status, answer.json()), (500, missing.clone()), "{uri}");
        }
        let answer = get(&broken().await, path, "text/html").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (500, Some("text/html; charset=utf-8"))
        );
        assert!(
            answer.text().contains("unavailable: no answer &lt;in time&gt;"),
            "{}",
            answer.text()
        );
    }
}
