//! `/v1/events`.

use std::io::Write as _;

use axum::body::Body;
use axum::http::Method;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use liftgate_delivery::testing::{CLIENT_KEY, MADE_AT, SERVER_KEY, environment};
use liftgate_events::{Event, EventsError};
use serde_json::{Value, json};

use super::{Kit, key, request};

const PATH: &str = "/v1/events";

fn now_ms() -> i64 {
    MADE_AT.plus_seconds(60).as_millis()
}

fn exposure() -> Value {
    json!({"event": "$flag_exposure", "feature_name": "exp_flag", "identifier": "u1", "value": "treatment",
        "traits": {"plan": "pro"}, "metadata": {"experiment_id": 7, "sdk_version": "12.4.0"}, "timestamp": now_ms()})
}

/// An exposure with one member changed.
fn with(name: &str, value: Value) -> Value {
    let mut event = exposure();
    event[name] = value;
    event
}

fn batch(events: &[Value]) -> Value {
    json!({"events": events})
}

/// The errors of a batch of one event, or nothing when it is taken.
async fn verdict(event: Value) -> Option<String> {
    let kit = Kit::new(environment());
    let answer = kit.post(PATH, &key(CLIENT_KEY), &batch(&[event])).await;
    assert_eq!(answer.status, 202);
    let told = answer.json();
    assert_eq!(told["accepted"], kit.events.events().len());
    told["rejected"][0]["error"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn an_event_is_kept_as_the_contract_says() {
    for (path, environment_key) in [
        (PATH, CLIENT_KEY),
        (PATH, SERVER_KEY),
        ("/api/v1/events", SERVER_KEY),
    ] {
        let kit = Kit::new(environment());
        let headers = [
            ("x-environment-key", environment_key),
            ("flagsmith-sdk-user-agent", "flagsmith-js-sdk/12.4.0"),
        ];
        let answer = kit.post(path, &headers, &batch(&[exposure()])).await;
        assert_eq!(answer.told(), (202, json!({"accepted": 1, "rejected": []})));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let expected = Event {
            environment_key: CLIENT_KEY.to_owned(),
            event: "$flag_exposure".to_owned(),
            feature_name: Some("exp_flag".to_owned()),
            identifier: Some("u1".to_owned()),
            value: Some("treatment".to_owned()),
            traits: r#"{"plan":"pro"}"#.to_owned(),
            metadata: r#"{"experiment_id":7,"sdk_version":"12.4.0"}"#.to_owned(),
            timestamp_ms: now_ms(),
            collected_at_ms: now_ms(),
            sdk_language: "js".to_owned(),
            sdk_version: "12.4.0".to_owned(),
        };
        assert_eq!(kit.events.events(), [expected]);
    }
}

#[tokio::test]
async fn good_events_are_taken_whatever_the_others_are() {
    let kit = Kit::new(environment());
    let plain = json!({"event": "checkout", "timestamp": now_ms()});
    let bad = with("timestamp", json!("now"));
    let answer = kit
        .post(
            PATH,
            &key(CLIENT_KEY),
            &batch(&[exposure(), bad.clone(), json!(5), plain]),
        )
        .await;
    let error = "events[1].timestamp must be an integer: milliseconds since 1970";
    let rejected =
        json!([{"index": 1, "error": error}, {"index": 2, "error": "events[2] must be an object"}]);
    assert_eq!(answer.told(), (202, json!({"accepted": 2, "rejected": rejected})));
    let kept = kit.events.events();
    assert_eq!(kept.len(), 2);
    let bare = Event {
        environment_key: CLIENT_KEY.to_owned(),
        event: "checkout".to_owned(),
        timestamp_ms: now_ms(),
        collected_at_ms: now_ms(),
        sdk_language: "unknown".to_owned(),
        sdk_version: "unknown".to_owned(),
        ..Event::default()
    };
    assert_eq!(kept[1], bare);
    // An error would make clients send the same batch for ever.
    let answer = kit.post(PATH, &key(CLIENT_KEY), &batch(&[bad])).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["accepted"]),
        (202, &json!(0))
    );
}

#[tokio::test]
async fn values_of_any_type_become_text() {
    for (value, text) in [
        (json!("x"), Some("x")),
        (json!(12.5), Some("12.5")),
        (json!(3), Some("3")),
        (json!(true), Some("true")),
        (json!({"a": [1, null]}), Some(r#"{"a":[1,null]}"#)),
        (json!(null), None),
    ] {
        let kit = Kit::new(environment());
        kit.post(PATH, &key(CLIENT_KEY), &batch(&[with("value", value)]))
            .await;
        assert_eq!(kit.events.events()[0].value.as_deref(), text);
    }
}

#[tokio::test]
async fn each_check_has_its_limit() {
    let day = 24 * 60 * 60 * 1_000;
    let text = |length: usize| json!("é".repeat(length));
    let object = |value: Value| json!({"k": value});
    let numbers = |count: usize| json!({"k": vec![1; count]});
    for (name, last, first_beyond, complaint) in [
        (
            "event",
            text(256),
            text(257),
            ".event must have at most 256 characters",
        ),
        (
            "event",
            json!("$flag_exposure"),
            json!("$Flag_exposure"),
            ".event must not start with $, except $flag_exposure",
        ),
        ("event", json!("x"), json!(" "), ".event must be non-blank text"),
        ("event", json!("x"), json!(1), ".event must be non-blank text"),
        (
            "feature_name",
            text(2_000),
            text(2_001),
            ".feature_name must have at most 2000 characters",
        ),
        (
            "feature_name",
            json!("x"),
            json!(null),
            ".feature_name is required for $flag_exposure",
        ),
        (
            "feature_name",
            json!("x"),
            json!(1),
            ".feature_name must be text or null",
        ),
        (
            "identifier",
            text(2_000),
            text(2_001),
            ".identifier must have at most 2000 characters",
        ),
        (
            "identifier",
            json!(null),
            json!(5),
            ".identifier must be text or null",
        ),
        (
            "timestamp",
            json!(now_ms() + day),
            json!(now_ms() + day + 1),
            ".timestamp must be at most 24 hours ahead",
        ),
        (
            "timestamp",
            json!(1_577_836_800_001_i64),
            json!(1_577_836_800_000_i64),
            ".timestamp must be after 2020-01-01, in milliseconds since 1970",
        ),
        (
            "timestamp",
            json!(now_ms()),
            json!(1.5),
            ".timestamp must be an integer: milliseconds since 1970",
        ),
        (
            "value",
            text(64 * 1_024),
            text(64 * 1_024 + 1),
            ".value must have at most 131072 bytes",
        ),
        (
            "traits",
            object(text(2_000)),
            object(text(2_001)),
            ".traits must have text of at most 2000 characters",
        ),
        (
            "traits",
            numbers(16_380),
            numbers(16_381),
            ".traits must have at most 32768 bytes as JSON",
        ),
        (
            "traits",
            json!(null),
            json!([]),
            ".traits must be an object or null",
        ),
        (
            "metadata",
            numbers(4_092),
            numbers(4_093),
            ".metadata must have at most 8192 bytes as JSON",
        ),
        (
            "metadata",
            json!({}),
            json!("x"),
            ".metadata must be an object or null",
        ),
    ] {
        assert_eq!(verdict(with(name, last)).await, None, "{name} {complaint}");
        assert_eq!(
            verdict(with(name, first_beyond)).await,
            Some(format!("events[0]{complaint}"))
        );
    }
    let keys = |length: usize| {
        with(
            "traits",
            Value::Object([("k".repeat(length), json!(1))].into_iter().collect()),
        )
    };
    assert_eq!(verdict(keys(200)).await, None);
    let complaint = "events[0].traits must have keys of at most 200 characters";
    assert_eq!(verdict(keys(201)).await.as_deref(), Some(complaint));
}

#[tokio::test]
async fn a_batch_has_a_limit_and_says_so() {
    let kit = Kit::new(environment());
    let answer = kit
        .post(PATH, &key(CLIENT_KEY), &batch(&vec![exposure(); 1_003]))
        .await;
    let told = answer.json();
    assert_eq!((answer.status.as_u16(), &told["accepted"]), (202, &json!(1_000)));
    let error = "the last 3 events are beyond the limit of 1000 events a batch";
    assert_eq!(told["rejected"], json!([{"index": 1_000, "error": error}]));
    assert_eq!(kit.events.events().len(), 1_000);
}

#[tokio::test]
async fn keys_are_refused_in_the_words_of_the_ingestion_server() {
    let kit = Kit::new(environment());
    for (headers, status) in [(&[][..], 401), (&key(""), 401), (&key("nobody"), 403)] {
        let answer = kit.post(PATH, headers, &batch(&[exposure()])).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert!(answer.text().contains("key") || answer.text().contains("Key"));
    }
    assert_eq!(kit.events.events(), []);
}

#[tokio::test]
async fn bodies_that_are_no_batch_are_refused() {
    let kit = Kit::new(environment());
    for (media_type, body, status) in [
        ("text/plain", batch(&[exposure()]).to_string(), 415),
        ("application/x-www-form-urlencoded", "events=1".to_owned(), 415),
        ("application/json", "{".to_owned(), 400),
        ("application/json", String::new(), 400),
        ("application/json", "[]".to_owned(), 400),
        ("application/json", r#"{"events":{}}"#.to_owned(), 400),
        (
            "APPLICATION/JSON;charset=utf-8",
            batch(&[exposure()]).to_string(),
            202,
        ),
    ] {
        let headers = [("x-environment-key", CLIENT_KEY), ("content-type", media_type)];
        let answer = kit
            .send(request(Method::POST, PATH, &headers, Body::from(body)))
            .await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let answer = kit.post(PATH, &key(CLIENT_KEY), &batch(&[])).await;
    let expected = json!({"accepted": 0, "rejected": [], "error": "events must be non-empty"});
    assert_eq!(answer.told(), (400, expected));
    let large = batch(&vec![with("value", json!("x".repeat(100_000))); 53]);
    assert_eq!(kit.post(PATH, &key(CLIENT_KEY), &large).await.status, 413);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_bodies_are_read_within_the_limit() {
    let plain = batch(&[exposure()]).to_string();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(plain.as_bytes()).unwrap();
    let bomb = format!("{{\"events\":[{}]}}", " ".repeat(6 * 1_024 * 1_024));
    for (encoding, body, status) in [
        ("gzip", gzip(plain.as_bytes()), 202),
        ("deflate", zlib.finish().unwrap(), 202),
        ("identity", plain.clone().into_bytes(), 202),
        ("gzip", plain.clone().into_bytes(), 400),
        ("br", plain.clone().into_bytes(), 415),
        ("gzip", gzip(bomb.as_bytes()), 413),
    ] {
        let kit = Kit::new(environment());
        let headers = [
            ("x-environment-key", CLIENT_KEY),
            ("content-type", "application/json"),
            ("content-encoding", encoding),
        ];
        let answer = kit
            .send(request(Method::POST, PATH, &headers, Body::from(body)))
            .await;
        assert_eq!(answer.status, status, "{encoding}: {}", answer.text());
        assert_eq!(kit.events.events().len(), usize::from(status == 202));
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged() {
    let kit = Kit::new(environment());
    let unavailable = || EventsError::Unavailable {
        reason: "full".to_owned(),
    };
    for failure in [unavailable(), EventsError::StorageFull] {
        kit.events.fail(failure);
        let answer = kit.post(PATH, &key(CLIENT_KEY), &batch(&[exposure()])).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    // Without a good event there is nothing to store.
    kit.events.fail(unavailable());
    assert_eq!(
        kit.post(PATH, &key(CLIENT_KEY), &batch(&[json!(1)])).await.status,
        202
    );
}
