//! Whatever bytes come, the answer is well-formed and never a fault (reliability goal S1).

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use proptest::prelude::*;

use super::kit::{Answer, Server};

const PATHS: [&str; 9] = [
    "/api/v1/things/",
    "/api/v1/wide-things/",
    "/api/v1/upload/",
    "/api/v1/bulk-things/",
    "/api/liftgate/v1/things/",
    "/api/v1/features/2/",
    "/version/",
    "/health",
    "/api/v1/things",
];

static SERVER: OnceLock<Server> = OnceLock::new();

fn send(request: Request<Body>) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let server = SERVER.get_or_init(|| runtime.block_on(Server::new()));
    runtime.block_on(server.send(request))
}

/// A status below 500, and a body of the type it is said to be.
fn well_formed(answer: &Answer) -> Result<(), TestCaseError> {
    prop_assert!(answer.status < 500, "{answer:?}");
    prop_assert!(answer.bytes.is_ascii(), "{answer:?}");
    prop_assert!(answer.headers.contains_key("x-request-id"));
    let media_type = answer.header("content-type").unwrap_or_default();
    if media_type.ends_with("json") {
        prop_assert!(
            serde_json::from_slice::<serde_json::Value>(&answer.bytes).is_ok(),
            "{answer:?}"
        );
    } else if !answer.bytes.is_empty() {
        prop_assert!(media_type.starts_with("text/html"), "{answer:?}");
    }
    Ok(())
}

fn header_bytes() -> impl Strategy<Value = HeaderValue> {
    prop::collection::vec(prop_oneof![Just(9_u8), 32..=126_u8, 128..=255_u8], 0..40)
        .prop_filter_map("a header value", |bytes| HeaderValue::from_bytes(&bytes).ok())
}

/// Text that is nearly JSON, so that parsers are entered.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"name\"",
        "\"tags\"",
        "\"share\"",
        "1",
        "-",
        "1e999",
        "true",
        "null",
        "\\u",
        "\\ud800",
        "é",
        "\u{0}",
        " ",
        "\n",
        "99999999999999999999999",
        "{\"name\":\"a\"}",
        "0.1",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat().into_bytes())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 0..200), nearly_json()]
}

fn media_type() -> impl Strategy<Value = HeaderValue> {
    let known = prop::sample::select(vec![
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=B",
        "multipart/form-data",
    ]);
    prop_oneof![4 => known.prop_map(HeaderValue::from_static), 1 => header_bytes()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_body_is_answered(
        path in prop::sample::select(PATHS.to_vec()),
        method in prop::sample::select(vec!["POST", "PUT", "PATCH", "GET", "DELETE"]),
        media_type in media_type(),
        body in body(),
    ) {
        // The example answers 409 to every DELETE of a feature and leaves nothing to read in the body.
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", "Token good")
            .header("content-type", media_type)
            .body(Body::from(body))
            .unwrap();
        well_formed(&send(request))?;
    }

    #[test]
    fn any_query_and_path_is_answered(
        path in prop::sample::select(PATHS.to_vec()),
        tail in "[ -~]{0,40}",
        query in "[ -~]{0,80}",
        parameter in prop::sample::select(vec!["", "page=", "page_size=", "total=1&page=", "format="]),
    ) {
        let Ok(request) = Request::builder()
            .uri(format!("{path}{tail}?{parameter}{query}"))
            .header("authorization", "Token good")
            .body(Body::empty())
        else {
            return Ok(());
        };
        well_formed(&send(request))?;
    }

    #[test]
    fn any_header_is_answered(
        path in prop::sample::select(PATHS.to_vec()),
        name in prop::sample::select(vec![
            "authorization", "host", "accept", "content-length", "content-type", "cookie", "origin", "x-forwarded-for",
            "x-forwarded-proto", "access-control-request-headers", "x-http-method-override", "transfer-encoding", "range",
        ]),
        value in header_bytes(),
        scheme in prop::sample::select(vec!["", "Token ", "Api-Key ", "Bearer "]),
    ) {
        let value = HeaderValue::from_bytes(&[scheme.as_bytes(), value.as_bytes()].concat()).unwrap();
        let request = Request::builder().uri(path).header(name, value).body(Body::empty()).unwrap();
        well_formed(&send(request))?;
    }
}
