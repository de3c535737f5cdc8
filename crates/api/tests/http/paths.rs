//! Slashes, unknown paths, ids in paths.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use serde_json::json;

use super::kit::{Choice, Server, request};

#[tokio::test]
async fn a_missing_slash_is_sent_there_whatever_the_method() {
    let server = Server::new().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        let answer = server.call(method, "/api/v1/things").await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (301, Some("/api/v1/things/")),
            "{method}"
        );
        assert!(answer.bytes.is_empty());
        assert_eq!(answer.header("allow"), None);
    }
    let anonymous = axum::http::Request::builder()
        .uri("/version?a=%2F&b=1")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        server.send(anonymous).await.header("location"),
        Some("/version/?a=%2F&b=1")
    );
    let answer = server.get("/api/v1/features/a%20b").await;
    assert_eq!(answer.header("location"), Some("/api/v1/features/a%20b/"));
}

#[tokio::test]
async fn no_missing_slash_leads_to_another_host() {
    let answer = Server::new().await.get("//example.com/version").await;
    assert_eq!((answer.status, answer.header("location")), (404, None));
}

#[tokio::test]
async fn unknown_paths_answer_a_page() {
    let server = Server::new().await;
    for path in [
        "/api/v1/nothing/",
        "/nothing",
        "/",
        "/api/v1/things/1/2/3/",
        "/health/",
        "/healthcheck/",
        "/api/v1//things/",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
        assert!(answer.text().contains("Not Found"));
        assert_eq!(answer.header("allow"), None);
    }
    let own = server.get("/api/liftgate/v1/nothing/").await;
    assert_eq!(own.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        (own.status, own.json()["title"].clone()),
        (404, json!("Not Found"))
    );
}

#[tokio::test]
async fn the_site_answers_what_is_not_the_api() {
    let site = Router::new()
        .route("/features", get(|| async { "dashboard" }))
        .fallback(get(|| async { "index" }));
    let server = Server::with(Choice {
        site: Some(site),
        ..Choice::default()
    })
    .await;
    assert_eq!(server.get("/features").await.text(), "dashboard");
    assert_eq!(server.get("/deep/link").await.text(), "index");
    assert_eq!(server.get("/version").await.status, 301);
    assert_eq!(server.get("/api/v1/nothing/").await.status, 404);
}

#[tokio::test]
async fn ids_in_paths_are_found_or_not_but_never_a_fault() {
    let server = Server::new().await;
    assert_eq!(
        server.get("/api/v1/features/12/").await.json(),
        json!({"id": 12, "name": "x"})
    );
    for id in [
        "abc",
        "1.5",
        "%00",
        "1%00",
        "%ff",
        "%F0%9F",
        "-",
        "1_0",
        "0x10",
        "%20",
        "%E2%80%8B1",
        "9%2F9",
    ] {
        let answer = server.get(&format!("/api/v1/features/{id}/")).await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"detail": "Not found."})),
            "{id}"
        );
    }
    for id in ["2147483648", "99999999999999999999999999999999999999999999999"] {
        let answer = server.get(&format!("/api/v1/features/{id}/")).await;
        assert_eq!(
            answer.json(),
            json!({"detail": "No Feature matches the given query."}),
            "{id}"
        );
    }
}

#[tokio::test]
async fn names_in_paths_are_decoded_or_not_found() {
    let server = Server::new().await;
    assert_eq!(
        server.get("/api/v1/keyed/a%20%C3%A9%2Fb/").await.json(),
        json!("a é/b")
    );
    for name in ["%00", "a%00b", "%ff", "%C3"] {
        let answer = server.get(&format!("/api/v1/keyed/{name}/")).await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"detail": "Not found."})),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_path_for_integers_does_not_exist_for_names() {
    let server = Server::new().await;
    assert_eq!(server.get("/api/v1/strict/12/counts/").await.status, 204);
    assert_eq!(server.get("/api/v1/strict/12/names/").await.json(), json!(12));
    let answer = server.get("/api/v1/strict/a3CkJY7EFwNTr7YPhYF9kH/counts/").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (404, Some("text/html; charset=utf-8"))
    );
    assert_eq!(answer.header("allow"), None);
}

#[tokio::test]
async fn long_addresses_are_refused() {
    let server = Server::new().await;
    let answer = server
        .get(&format!("/api/v1/things/?q={}", "x".repeat(8 * 1024)))
        .await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            414,
            json!({"detail": "The address must have at most 8192 bytes."})
        )
    );
    assert_eq!(
        server
            .get(&format!("/api/v1/things/?q={}", "x".repeat(8000)))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn strange_targets_are_answered() {
    let server = Server::new().await;
    for (method, target) in [
        ("OPTIONS", "*"),
        ("CONNECT", "example.com:443"),
        ("GET", "http://example.com/version/"),
    ] {
        let answer = server
            .send(request(method, target).body(Body::empty()).unwrap())
            .await;
        assert!(answer.status < 500, "{method} {target}: {answer:?}");
    }
}
