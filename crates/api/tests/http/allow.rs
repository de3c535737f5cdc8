//! Methods, and the headers of every answer.

use serde_json::json;

use super::kit::Server;

#[tokio::test]
async fn answers_name_the_methods_of_their_path_in_the_order_of_the_contract() {
    let server = Server::new().await;
    for (method, path, status, allow) in [
        ("GET", "/api/v1/things/", 200, "GET, POST, HEAD, OPTIONS"),
        ("POST", "/api/v1/things/", 400, "GET, POST, HEAD, OPTIONS"),
        (
            "GET",
            "/api/v1/features/12/",
            200,
            "GET, PUT, DELETE, HEAD, OPTIONS",
        ),
        ("POST", "/api/v1/accept/", 202, "POST, OPTIONS"),
        ("GET", "/api/v1/swagger.json", 200, "GET, HEAD, OPTIONS"),
    ] {
        let answer = server.call(method, path).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (status, Some(allow)),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn other_methods_are_refused_by_name() {
    let server = Server::new().await;
    for method in ["PUT", "BREW", "TRACE"] {
        let answer = server.call(method, "/api/v1/things/").await;
        assert_eq!(
            (answer.status, answer.json()),
            (
                405,
                json!({"detail": format!("Method \"{method}\" not allowed.")})
            )
        );
        assert_eq!(answer.header("allow"), Some("GET, POST, HEAD, OPTIONS"));
    }
    assert_eq!(server.call("GET", "/api/v1/accept/").await.status, 405);
    assert_eq!(server.call("HEAD", "/api/v1/accept/").await.status, 405);
}

#[tokio::test]
async fn options_tells_what_there_is() {
    let answer = Server::new().await.call("OPTIONS", "/api/v1/things/").await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (200, Some("GET, POST, HEAD, OPTIONS"))
    );
    assert_eq!(answer.json()["renders"], json!(["application/json"]));
    assert_eq!(answer.json()["name"], json!("Things, ten at a time."));
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::new().await;
    let get = server.get("/api/v1/features/12/").await;
    let head = server.call("HEAD", "/api/v1/features/12/").await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(
        head.header("content-length"),
        Some(get.bytes.len().to_string().as_str())
    );
    assert_eq!(head.header("content-type"), get.header("content-type"));
}

#[tokio::test]
async fn every_answer_carries_the_common_headers() {
    let server = Server::new().await;
    for path in [
        "/api/v1/things/",
        "/api/v1/things",
        "/nothing/",
        "/api/v1/breaks/",
        "/version/",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("flagsmith-version"), Some("2.265.0"), "{path}");
        assert_eq!(answer.header("vary"), Some("Accept, Cookie, Origin"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(
            answer.header("cache-control"),
            Some("max-age=0, no-cache, no-store, must-revalidate, private"),
            "{path}"
        );
        assert_eq!(answer.header("x-request-id").map(str::len), Some(24), "{path}");
    }
}

#[tokio::test]
async fn replies_have_the_status_of_their_verb() {
    let server = Server::new().await;
    let created = server
        .json("POST", "/api/v1/things/", &json!({"name": "é🚩"}))
        .await;
    assert_eq!(
        (created.status, created.text()),
        (201, r#"{"id":1,"name":"\u00e9\ud83d\udea9"}"#)
    );
    assert_eq!(
        (created.header("content-type"), created.header("location")),
        (Some("application/json"), None)
    );
    let located = server.call("POST", "/api/v1/hooks/").await;
    assert_eq!(
        (located.status, located.header("location")),
        (201, Some("https://example.com/h"))
    );
    let accepted = server.call("POST", "/api/v1/accept/").await;
    assert_eq!((accepted.status, accepted.bytes.len()), (202, 0));
}
