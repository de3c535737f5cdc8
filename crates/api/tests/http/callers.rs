//! Who may call, and that refusals come before anything else is looked at.

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use liftgate_api::throttle::{Limits, Rate};
use serde_json::{Value, json};

use super::kit::{Answer, Choice, Server};

async fn with(server: &Server, method: &str, path: &str, authorization: Option<&[u8]>, body: &str) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    if let Some(bytes) = authorization {
        request = request.header("authorization", HeaderValue::from_bytes(bytes).unwrap());
    }
    server
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

async fn who(server: &Server, authorization: Option<&[u8]>) -> (u16, Value) {
    let answer = with(server, "GET", "/api/v1/who/", authorization, "").await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn credentials_are_read_from_the_header() {
    let server = Server::new().await;
    let user = json!({"user": 7, "key": null});
    for good in [
        &b"Token good"[..],
        b"token good",
        b"  Token   good  ",
        b"TOKEN\tgood",
    ] {
        assert_eq!(who(&server, Some(good)).await, (200, user.clone()), "{good:?}");
    }
    assert_eq!(
        who(&server, Some(b"Api-Key good")).await,
        (200, json!({"user": null, "key": 3}))
    );
}

#[tokio::test]
async fn refused_credentials_are_refused_in_the_words_of_the_contract() {
    let server = Server::new().await;
    let refused = |detail: &str| (401, json!({"detail": detail}));
    let missing = "Authentication credentials were not provided.";
    for (header, detail) in [
        (None, missing),
        (Some(&b""[..]), missing),
        (Some(b"Basic YTpi"), missing),
        (Some(b"Bearer lost"), missing),
        (Some(b"Bearer \xff\xfe"), missing),
        (Some(b"Api-Key"), missing),
        (Some(b"Token bad"), "Invalid token."),
        (Some(b"Api-Key bad"), "Valid Master API Key not found."),
        (Some(b"Token"), "Invalid token header. No credentials provided."),
        (
            Some(b"Token a b"),
            "Invalid token header. Token string should not contain spaces.",
        ),
        (
            Some(b"Token \xff\xfe"),
            "Invalid token header. Token string should not contain invalid characters.",
        ),
    ] {
        let answer = with(&server, "GET", "/api/v1/who/", header, "").await;
        assert_eq!((answer.status, answer.json()), refused(detail), "{header:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Cookie realm=\"api\""));
    }
    let down = with(&server, "GET", "/api/v1/who/", Some(b"Token down"), "").await;
    assert_eq!((down.status, down.header("retry-after")), (503, Some("5")));
}

#[tokio::test]
async fn master_keys_are_told_apart_from_persons() {
    let server = Server::new().await;
    let status = async |path, header: &'static [u8]| {
        let answer = with(&server, "GET", path, Some(header), "").await;
        (
            answer.status,
            if answer.bytes.is_empty() {
                Value::Null
            } else {
                answer.json()
            },
        )
    };
    assert_eq!(status("/api/v1/person/", b"Token good").await.0, 204);
    assert_eq!(
        status("/api/v1/person/", b"Api-Key good").await,
        (
            403,
            json!({"detail": "You do not have permission to perform this action."})
        )
    );
    assert_eq!(status("/api/v1/session/", b"Token good").await.0, 204);
    assert_eq!(
        status("/api/v1/session/", b"Api-Key good").await,
        (
            401,
            json!({"detail": "Authentication credentials were not provided."})
        )
    );
}

#[tokio::test]
async fn refusals_come_before_complaints_about_the_input() {
    let server = Server::new().await;
    for body in ["", "{", "{}", "[1]", "{\"name\":\"fine\"}"] {
        assert_eq!(
            with(&server, "POST", "/api/v1/things/", None, body).await.status,
            401,
            "{body}"
        );
        assert_eq!(
            with(&server, "PUT", "/api/v1/features/3/", None, body)
                .await
                .status,
            401,
            "{body}"
        );
        assert_eq!(
            with(&server, "PUT", "/api/v1/features/3/", Some(b"Token good"), body)
                .await
                .status,
            403,
            "{body}"
        );
    }
    assert_eq!(
        with(&server, "GET", "/api/v1/things/?page=abc", None, "")
            .await
            .status,
        401
    );
    assert_eq!(
        with(&server, "GET", "/api/v1/features/abc/", None, "")
            .await
            .status,
        401
    );
    let large = "x".repeat(2 << 20);
    assert_eq!(
        with(&server, "PUT", "/api/v1/features/3/", Some(b"Token good"), &large)
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_throttle_counts_before_the_body_is_looked_at() {
    let limits = Limits {
        login: Rate::per_minute(2),
        ..Limits::default()
    };
    let server = Server::with(Choice {
        limits,
        ..Choice::default()
    })
    .await;
    let login = async |body: &str| with(&server, "POST", "/api/v1/login/", None, body).await;
    assert_eq!(login("{").await.status, 400);
    let second_step = login("{\"name\":\"a\"}").await;
    assert_eq!(
        (second_step.status, second_step.json()),
        (401, json!({"error": "Invalid or expired code."}))
    );
    assert_eq!(second_step.header("www-authenticate"), None);
    let refused = login("{\"name\":\"a\"}").await;
    assert_eq!(
        (refused.status, refused.json()),
        (
            429,
            json!({"detail": "Request was throttled. Expected available in 60 seconds."})
        )
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
    server.pass(59);
    assert_eq!(
        login("{").await.json()["detail"],
        "Request was throttled. Expected available in 1 second."
    );
    server.pass(1);
    assert_eq!(login("{").await.status, 400);
}

#[tokio::test]
async fn all_requests_of_one_caller_may_be_limited() {
    let limits = Limits {
        user: Some(Rate::per_minute(1)),
        ..Limits::default()
    };
    let server = Server::with(Choice {
        limits,
        ..Choice::default()
    })
    .await;
    assert_eq!(who(&server, Some(b"Token good")).await.0, 200);
    assert_eq!(who(&server, Some(b"Token good")).await.0, 429);
    assert_eq!(who(&server, Some(b"Api-Key good")).await.0, 200);
    assert_eq!(who(&server, Some(b"Api-Key good")).await.0, 200);
}
