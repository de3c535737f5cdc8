//! Pages of other origins.

use axum::body::Body;
use axum::http::Request;

use super::kit::Server;

fn preflight(path: &str, wanted: &str) -> Request<Body> {
    Request::builder()
        .method("OPTIONS")
        .uri(path)
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", wanted)
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn a_preflight_is_answered_before_anything_is_checked() {
    let server = Server::new().await;
    let answer = server
        .send(preflight("/api/v1/things/", "x-environment-key"))
        .await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("GET, POST, PUT, PATCH, DELETE, OPTIONS")
    );
    assert_eq!(answer.header("access-control-max-age"), Some("86400"));
    let headers = answer.header("access-control-allow-headers").unwrap();
    for name in "accept, authorization, baggage, content-type, flagsmith-application-name, flagsmith-application-version, \
        flagsmith-sdk-user-agent, if-none-match, sentry-trace, traceparent, tracestate, x-api-key, x-environment-key, \
        x-requested-with"
        .split(", ")
    {
        assert!(headers.split(", ").any(|granted| granted == name.trim()), "{name}");
    }
}

#[tokio::test]
async fn headers_a_client_added_are_granted_once() {
    let answer = Server::new()
        .await
        .send(preflight(
            "/api/v1/things/",
            "X-My-Header, authorization, b\u{e4}d",
        ))
        .await;
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(
        headers.ends_with(", x-my-header") || !headers.contains("x-my-header"),
        "{headers}"
    );
    let answer = Server::new()
        .await
        .send(preflight("/api/v1/things/", "X-My-Header, authorization"))
        .await;
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(headers.ends_with("x-requested-with, x-my-header"), "{headers}");
    assert_eq!(headers.matches("authorization").count(), 1);
}

#[tokio::test]
async fn errors_are_shared_too_and_the_site_is_not() {
    let server = Server::new().await;
    for path in ["/api/v1/things/", "/api/v1/nothing/", "/api/v1/breaks/"] {
        let request = Request::builder()
            .uri(path)
            .header("origin", "https://shop.example")
            .body(Body::empty())
            .unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert!(
            answer
                .header("access-control-expose-headers")
                .unwrap()
                .contains("Retry-After")
        );
    }
    assert_eq!(
        server
            .get("/dashboard")
            .await
            .header("access-control-allow-origin"),
        None
    );
    assert_eq!(server.send(preflight("/dashboard", "x")).await.status, 404);
}
