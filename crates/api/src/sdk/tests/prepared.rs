//! What is held ready: conditional requests, and the codings it is sent in.

use std::io::Read as _;

use axum::body::Body;
use axum::http::Method;
use flate2::read::GzDecoder;
use liftgate_delivery::EnvironmentData;
use liftgate_delivery::testing::{CLIENT_KEY, MADE_AT, SERVER_KEY, environment};
use liftgate_model::FlagValue;
use serde_json::json;

use super::{Answer, Kit, key, request};

const FLAGS: &str = "/api/v1/flags/";
const DOCUMENT: &str = "/api/v1/environment-document/";
const OFREP: &str = "/ofrep/v1/evaluate/flags";

/// An environment whose answers are long enough to be compressed.
fn long() -> EnvironmentData {
    let mut data = environment();
    for number in 0..20 {
        data.add_feature(&format!("flag_{number}"), true, FlagValue::Integer(number));
    }
    data.features[3].is_server_key_only = true;
    data
}

/// Asks for an answer that is held ready, with the server-side key.
async fn ask(kit: &Kit, path: &str, headers: &[(&str, &str)]) -> Answer {
    let headers = [&key(SERVER_KEY)[..], headers].concat();
    match path {
        OFREP => kit.post(path, &headers, &json!({})).await,
        _ => kit.get(path, &headers).await,
    }
}

fn decode(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        None => plain.extend_from_slice(&answer.body),
        Some("gzip") => _ = GzDecoder::new(&*answer.body).read_to_end(&mut plain).unwrap(),
        Some("zstd") => plain = zstd::decode_all(&*answer.body).unwrap(),
        Some(other) => panic!("{other}"),
    }
    plain
}

#[tokio::test]
async fn every_coding_has_the_same_content_and_a_tag_of_its_own() {
    let kit = Kit::new(long());
    for path in [FLAGS, DOCUMENT, OFREP] {
        let plain = ask(&kit, path, &[]).await;
        assert_eq!(plain.header("content-encoding"), None);
        let mut tags = vec![plain.header("etag").unwrap().to_owned()];
        for coding in ["gzip", "zstd"] {
            let answer = ask(&kit, path, &[("accept-encoding", coding)]).await;
            assert_eq!(answer.header("content-encoding"), Some(coding), "{path}");
            assert!(answer.body.len() * 2 < plain.body.len(), "{path} {coding}");
            assert_eq!(decode(&answer), plain.body, "{path} {coding}");
            assert!(
                answer.header("vary").unwrap().contains("Accept-Encoding"),
                "{path}"
            );
            // Compressed once: a second answer is the same piece of memory.
            let again = ask(&kit, path, &[("accept-encoding", coding)]).await;
            assert_eq!(again.body.as_ptr(), answer.body.as_ptr(), "{path} {coding}");
            tags.push(answer.header("etag").unwrap().to_owned());
        }
        assert!(tags.iter().all(|tag| tag.starts_with('"')), "strong: {tags:?}");
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 3, "{path}");
    }
}

#[tokio::test]
async fn a_short_answer_is_sent_as_it_is() {
    let kit = Kit::new(environment());
    let answer = ask(&kit, FLAGS, &[("accept-encoding", "gzip, zstd")]).await;
    assert_eq!(
        (answer.header("content-encoding"), answer.text()),
        (None, "[]"),
        "nothing is gained"
    );
    let answer = ask(&kit, FLAGS, &[("accept-encoding", "gzip, identity;q=0")]).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(decode(&answer), b"[]");
}

#[tokio::test]
async fn a_current_copy_is_not_sent_again_in_any_coding() {
    let kit = Kit::new(long());
    for path in [FLAGS, DOCUMENT, OFREP] {
        for coding in ["identity", "gzip", "zstd"] {
            let coding = ("accept-encoding", coding);
            let full = ask(&kit, path, &[coding]).await;
            let etag = full.header("etag").unwrap().to_owned();
            let answer = ask(&kit, path, &[coding, ("if-none-match", &etag)]).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{path}");
            for name in ["etag", "vary", "last-modified", "x-flagsmith-document-updated-at"] {
                assert_eq!(answer.header(name), full.header(name), "{path} {name}");
            }
            assert_eq!(answer.header("content-encoding"), None);
            // The tag of one coding does not stand for another.
            let other = ask(&kit, path, &[("accept-encoding", "x"), ("if-none-match", &etag)]).await;
            assert_eq!(other.status == 304, coding.1 == "identity", "{path}");
        }
    }
}

#[tokio::test]
async fn the_list_of_flags_has_both_validators() {
    let kit = Kit::new(long());
    let (etag, date) = {
        let answer = ask(&kit, FLAGS, &[]).await;
        let header = |name| answer.header(name).unwrap().to_owned();
        (header("etag"), header("last-modified"))
    };
    assert_eq!(date, "Sun, 22 Nov 2026 11:35:21 GMT");
    let conditions: [(&[(&str, &str)], u16); 8] = [
        (&[("if-none-match", &etag)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-modified-since", &date)], 304),
        (&[("if-modified-since", "Sunday, 22-Nov-26 11:35:21 GMT")], 304),
        (&[("if-modified-since", "Sun, 22 Nov 2026 11:35:20 GMT")], 200),
        (&[("if-modified-since", "yesterday")], 200),
        (&[("if-none-match", "\"x\""), ("if-modified-since", &date)], 200),
        (
            &[
                ("if-none-match", &etag),
                ("if-modified-since", "Sun, 22 Nov 2026 11:35:20 GMT"),
            ],
            304,
        ),
    ];
    for (headers, expected) in conditions {
        assert_eq!(ask(&kit, FLAGS, headers).await.status, expected, "{headers:?}");
    }
    // One flag has no validators, and is always sent.
    let one = ask(&kit, "/api/v1/flags/?feature=flag_1", &[("if-none-match", "*")]).await;
    assert_eq!((one.status.as_u16(), one.header("etag")), (200, None));
}

#[tokio::test]
async fn what_a_key_may_not_see_is_another_answer() {
    let kit = Kit::new(long());
    let client = kit.get(FLAGS, &key(CLIENT_KEY)).await;
    let etag = client.header("etag").unwrap();
    assert_eq!(ask(&kit, FLAGS, &[("if-none-match", etag)]).await.status, 200);
}

#[tokio::test]
async fn a_change_that_leaves_an_answer_alone_leaves_its_tag() {
    let kit = Kit::new(long());
    let gzip = ("accept-encoding", "gzip");
    let before = (
        ask(&kit, FLAGS, &[gzip]).await,
        ask(&kit, DOCUMENT, &[gzip]).await,
    );
    let mut data = long();
    data.environment.name.push('!');
    data.environment.revision = 2;
    data.environment.updated_at = MADE_AT.plus_seconds(5);
    kit.publish(data);
    let after = (
        ask(&kit, FLAGS, &[gzip]).await,
        ask(&kit, DOCUMENT, &[gzip]).await,
    );
    assert_eq!(before.0.header("etag"), after.0.header("etag"));
    assert_eq!(before.0.body.as_ptr(), after.0.body.as_ptr(), "compressed once");
    assert_eq!(
        after.0.header("last-modified"),
        Some("Sun, 22 Nov 2026 11:35:26 GMT")
    );
    assert_ne!(before.1.header("etag"), after.1.header("etag"));
    assert_ne!(before.1.body, after.1.body);
}

#[tokio::test]
async fn head_tells_what_get_would_send() {
    let kit = Kit::new(long());
    let headers = [("x-environment-key", SERVER_KEY), ("accept-encoding", "gzip")];
    for path in [FLAGS, DOCUMENT] {
        let full = kit.get(path, &headers).await;
        let head = kit
            .send(request(Method::HEAD, path, &headers, Body::empty()))
            .await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
        for name in ["etag", "last-modified", "content-encoding", "vary"] {
            assert_eq!(head.header(name), full.header(name), "{path} {name}");
        }
        let length = full.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()), "{path}");
        let conditional = [&headers[..], &[("if-none-match", full.header("etag").unwrap())]].concat();
        let head = kit
            .send(request(Method::HEAD, path, &conditional, Body::empty()))
            .await;
        assert_eq!(head.status, 304, "{path}");
    }
}
