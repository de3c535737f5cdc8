//! Keys that are used too often.

use axum::body::Body;
use axum::http::Method;
use liftgate_delivery::KeyRate;
use liftgate_delivery::testing::{CLIENT_KEY, SERVER_KEY, environment};
use serde_json::json;
use tower::ServiceExt as _;

use super::{Answer, Kit, key, request};

/// A server where a key may be used once in a second and six times at once.
fn limited() -> Kit {
    let rate = KeyRate {
        per_second: 1.try_into().unwrap(),
        burst: 6.try_into().unwrap(),
    };
    Kit::limited(environment(), Some(rate))
}

async fn flags(kit: &Kit, with: &str) -> Answer {
    kit.get("/api/v1/flags/", &key(with)).await
}

#[tokio::test]
async fn a_key_waits_until_there_is_room_again() {
    let kit = limited();
    for _ in 0..6 {
        assert_eq!(flags(&kit, CLIENT_KEY).await.status, 200);
    }
    let refused = flags(&kit, CLIENT_KEY).await;
    let detail = "Request was throttled. Expected available in 1 second.";
    assert_eq!(refused.told(), (429, json!({"detail": detail})));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert_eq!(flags(&kit, SERVER_KEY).await.status, 200, "another key");
    kit.clock.advance_ms(1_000);
    assert_eq!(flags(&kit, CLIENT_KEY).await.status, 200);
    assert_eq!(flags(&kit, CLIENT_KEY).await.status, 429);
}

#[tokio::test]
async fn every_route_refuses_in_its_own_shape() {
    let kit = limited();
    let with = key(CLIENT_KEY);
    for path in ["/api/v1/flags/", "/api/v1/identities/?identifier=u"] {
        assert_eq!(kit.get(path, &with).await.status, 200, "{path}");
    }
    let stream = "/sse/environments/CLIENT_KEY/stream";
    // Its body goes on.
    let opened = kit
        .router
        .clone()
        .oneshot(request(Method::GET, stream, &[], Body::empty()));
    assert_eq!(opened.await.unwrap().status(), 200);
    let events = json!({"events": [{"event": "purchase", "timestamp": 1_795_347_321_000_i64}]});
    assert_eq!(kit.post("/v1/events", &with, &events).await.status, 202);
    let bulk = "/ofrep/v1/evaluate/flags";
    assert_eq!(kit.post(bulk, &with, &json!({})).await.status, 200);
    assert_eq!(
        kit.post("/api/v1/analytics/flags/", &with, &json!({}))
            .await
            .status,
        200
    );

    for path in ["/api/v1/flags/", "/api/v1/identities/?identifier=u", stream] {
        let answer = kit.get(path, &with).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("retry-after")),
            (429, Some("1")),
            "{path}"
        );
        assert!(
            answer.json()["detail"].as_str().unwrap().contains("throttled"),
            "{path}"
        );
    }
    let answer = kit.post("/v1/events", &with, &events).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(answer.text(), "the environment key is used too often");
    assert_eq!(kit.events.events().len(), 1);
    let answer = kit.post(bulk, &with, &json!({})).await;
    let (status, body) = answer.told();
    assert_eq!((status, answer.header("retry-after")), (429, Some("1")));
    assert_eq!(body["errorCode"], "GENERAL");
    assert!(body["errorDetails"].as_str().unwrap().contains("throttled"));
}

#[tokio::test]
async fn keys_that_nobody_has_are_counted_together() {
    let kit = limited();
    for number in 0..6 {
        assert_eq!(flags(&kit, &format!("made up {number}")).await.status, 403);
    }
    assert_eq!(flags(&kit, "another").await.status, 429);
    assert_eq!(flags(&kit, CLIENT_KEY).await.status, 200);
}
