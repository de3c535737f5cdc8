//! What OFREP clients are told by whatever stands around the handlers.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Method;
use http_body_util::BodyExt as _;
use liftgate_delivery::testing::{CLIENT_KEY, Sevens, environment};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Answer, Kit, key, request};
use crate::middleware::FrameSettings;
use crate::router::Assembly;

const BULK: &str = "/ofrep/v1/evaluate/flags";

/// A server whose every path panics or never answers.
fn broken(site: Router) -> Router {
    let settings = FrameSettings {
        time_limit: Duration::from_secs(7),
        ..FrameSettings::default()
    };
    Assembly::new().site(site).build(settings, &Sevens)
}

async fn ask(router: Router, path: &str) -> Answer {
    let response = router.oneshot(request(Method::POST, path, &[], Body::empty()));
    let (parts, body) = response.await.unwrap().into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

#[tokio::test]
async fn a_panic_has_details_and_the_flag() {
    async fn fails() -> &'static str {
        panic!("a secret")
    }
    let router = broken(Router::new().fallback(fails));
    let details = "Internal server error.";
    let answer = ask(router.clone(), BULK).await;
    assert_eq!(answer.told(), (500, json!({"errorDetails": details})));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let answer = ask(router.clone(), &format!("{BULK}/dark%20mode")).await;
    assert_eq!(
        answer.told(),
        (500, json!({"key": "dark mode", "errorDetails": details}))
    );
    // Others keep theirs.
    let answer = ask(router, "/ofrep/v1/evaluate/flagsmith").await;
    assert_eq!(answer.json()["detail"], details);
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_says_when_to_come_back() {
    let router = broken(Router::new().fallback(std::future::pending::<&'static str>));
    let answer = ask(router, &format!("{BULK}/a")).await;
    assert_eq!(
        answer.told(),
        (
            503,
            json!({"key": "a", "errorDetails": "The request took too long."})
        )
    );
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn what_is_refused_before_an_evaluation_has_a_code() {
    let kit = Kit::new(environment());
    let with_key = key(CLIENT_KEY);
    let general = |answer: &Answer, status: u16, flag: Option<&str>| {
        let (told, body) = answer.told();
        assert_eq!((told, &body["errorCode"]), (status, &json!("GENERAL")), "{body}");
        assert!(body["errorDetails"].is_string(), "{body}");
        assert_eq!(body.get("key"), flag.map(Value::from).as_ref(), "{body}");
    };
    let long = "x".repeat(9_000);
    let answer = kit.post(&format!("{BULK}/{long}"), &with_key, &json!({})).await;
    general(&answer, 414, Some(&long));
    let context = json!({"context": {"targetingKey": "u", "note": "x".repeat(1_100_000)}});
    let answer = kit.post(BULK, &with_key, &context).await;
    general(&answer, 413, None);
    let answer = kit.post(&format!("{BULK}/a"), &with_key, &context).await;
    general(&answer, 413, Some("a"));
    let answer = kit.get(&format!("{BULK}/a"), &with_key).await;
    general(&answer, 405, Some("a"));
    assert!(answer.header("allow").unwrap().contains("POST"));
    let headers = [with_key[0], ("content-type", "text/csv")];
    let answer = kit
        .send(request(Method::POST, BULK, &headers, Body::from("a,b")))
        .await;
    general(&answer, 415, None);
}
