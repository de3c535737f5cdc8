//! Faults, panics, time limits, and the form of errors on Liftgate's own paths.

use std::time::Duration;

use liftgate_api::middleware::FrameSettings;
use serde_json::json;

use super::kit::{Choice, Server};

#[tokio::test]
async fn a_fault_is_told_by_its_id_alone() {
    let server = Server::new();
    for path in ["/api/v1/breaks/", "/api/v1/panics/"] {
        let answer = server.get(path).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(
            (answer.status, answer.json()),
            (500, json!({"detail": "Internal server error.", "id": id}))
        );
        assert!(!answer.text().contains("secret"), "{path}");
        assert!(id.bytes().all(|digit| digit.is_ascii_hexdigit()));
    }
    assert_eq!(server.get("/api/v1/panics/?calm=1").await.status, 204);
}

#[tokio::test]
async fn requests_have_different_ids() {
    let server = Server::new();
    let first = server
        .get("/version/")
        .await
        .header("x-request-id")
        .unwrap()
        .to_owned();
    assert_ne!(
        server.get("/version/").await.header("x-request-id").unwrap(),
        first
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_unavailable() {
    let frame = FrameSettings {
        time_limit: Duration::from_secs(3),
        ..FrameSettings::default()
    };
    let answer = Server::with(Choice {
        frame,
        ..Choice::default()
    })
    .get("/api/v1/hangs/")
    .await;
    assert_eq!(
        (answer.status, answer.json()),
        (503, json!({"detail": "The request took too long."}))
    );
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn own_paths_answer_problem_details() {
    let server = Server::new();
    let answer = server
        .json("POST", "/api/liftgate/v1/things/", &json!({"name": true}))
        .await;
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        answer.json(),
        json!({
            "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "The input is not acceptable.",
            "request_id": id, "errors": {"name": ["Not a valid string."]},
        })
    );
    let answer = server.call("PUT", "/api/liftgate/v1/things/").await;
    assert_eq!(
        (answer.status, answer.json()["detail"].clone()),
        (405, json!("Method \"PUT\" not allowed."))
    );
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    let answer = server.get("/api/liftgate/v1/breaks/").await;
    assert_eq!(
        (answer.status, answer.json()["detail"].clone()),
        (500, json!("Internal server error."))
    );
    assert!(!answer.text().contains("secret"));
}

#[tokio::test]
async fn conflicts_carry_their_word() {
    let answer = Server::new().call("DELETE", "/api/v1/features/2/").await;
    assert_eq!(
        (answer.status, answer.json()),
        (409, json!({"detail": "Locked.", "code": "experiment_running"}))
    );
}

#[tokio::test]
async fn caching_may_be_left_to_the_client() {
    let frame = FrameSettings {
        never_cache: false,
        ..FrameSettings::default()
    };
    let answer = Server::with(Choice {
        frame,
        ..Choice::default()
    })
    .get("/version/")
    .await;
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        (None, None)
    );
}
