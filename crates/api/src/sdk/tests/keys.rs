//! Who gets in, what others are told, and what pages of other origins may read.

use axum::body::Body;
use axum::http::Method;
use liftgate_delivery::testing::{CLIENT_KEY, MADE_AT, SERVER_KEY, environment};
use serde_json::json;

use super::{Kit, key, request};

const READS: [&str; 4] = [
    "/api/v1/flags/",
    "/api/v1/flags/1/multivariate-options/",
    "/api/v1/identities/?identifier=u",
    "/api/v1/environment-document/",
];

#[tokio::test]
async fn keys_are_refused_with_403_in_the_contracts_words() {
    let kit = Kit::new(environment());
    for path in READS {
        for headers in [&[][..], &key("")] {
            let answer = kit.get(path, headers).await;
            assert_eq!(
                answer.told(),
                (403, json!({"detail": "Invalid or missing Environment key"})),
                "{path}"
            );
            assert_eq!(answer.header("www-authenticate"), None);
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        }
        let answer = kit.get(path, &key("ser.nobody")).await;
        assert_eq!(
            answer.told(),
            (403, json!({"detail": "Invalid or missing Environment Key"})),
            "{path}"
        );
        let body = json!({"identifier": "u"});
        assert_eq!(
            kit.post("/api/v1/identities/", &key("nobody"), &body)
                .await
                .status,
            403
        );
    }
}

#[tokio::test]
async fn inactive_and_expired_keys_are_refused() {
    let mut data = environment();
    data.keys[0].expires_at = Some(MADE_AT);
    let kit = Kit::new(data.clone());
    for path in READS {
        assert_eq!(kit.get(path, &key(SERVER_KEY)).await.status, 403);
    }
    data.keys[0].expires_at = None;
    data.keys[0].is_active = false;
    kit.publish(data);
    for path in READS {
        let answer = kit.get(path, &key(SERVER_KEY)).await;
        assert_eq!(
            answer.told(),
            (403, json!({"detail": "Invalid or missing Environment Key"}))
        );
    }
}

#[tokio::test]
async fn the_document_is_for_server_keys_only() {
    let kit = Kit::new(environment());
    let answer = kit.get("/api/v1/environment-document/", &key(CLIENT_KEY)).await;
    assert_eq!(
        answer.told(),
        (403, json!({"detail": "Invalid or missing Environment key"}))
    );
    assert_eq!(
        kit.get("/api/v1/environment-document/", &key(SERVER_KEY))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_stopped_organisation_serves_nothing() {
    let mut data = environment();
    data.organisation.stop_serving_flags = true;
    let kit = Kit::new(data);
    for path in READS {
        let answer = kit.get(path, &key(SERVER_KEY)).await;
        assert_eq!(
            answer.told(),
            (
                403,
                json!({"detail": "Organisation is disabled from serving flags."})
            )
        );
    }
}

#[tokio::test]
async fn preflights_need_no_key() {
    let kit = Kit::new(environment());
    for path in READS.into_iter().chain(["/v1/events", "/api/v1/events"]) {
        let headers = [
            ("origin", "https://shop.example"),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "x-environment-key,content-type,flagsmith-sdk-user-agent",
            ),
        ];
        let answer = kit
            .send(request(Method::OPTIONS, path, &headers, Body::empty()))
            .await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        let granted = answer.header("access-control-allow-headers").unwrap();
        for wanted in [
            "x-environment-key",
            "content-type",
            "flagsmith-sdk-user-agent",
            "if-none-match",
        ] {
            assert!(granted.contains(wanted), "{granted}");
        }
        assert_eq!(answer.header("access-control-max-age"), Some("86400"));
    }
}

#[tokio::test]
async fn a_missing_slash_is_redirected() {
    let kit = Kit::new(environment());
    let answer = kit.get("/api/v1/identities?identifier=u", &key(CLIENT_KEY)).await;
    assert_eq!(answer.status, 301);
    assert_eq!(
        answer.header("location"),
        Some("/api/v1/identities/?identifier=u")
    );
}
