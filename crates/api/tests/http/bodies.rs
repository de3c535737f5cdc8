//! Bodies: types, limits, broken ones, complaints.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::kit::{Server, request};

#[tokio::test]
async fn json_forms_and_multipart_are_read() {
    let server = Server::new().await;
    let seen = |value| json!({"value": value, "file": null});
    let path = "/api/v1/upload/";
    let answer = server
        .raw("POST", path, "Application/JSON; charset=utf-8", "{\"a\": [1]}")
        .await;
    assert_eq!(answer.json(), seen(json!({"a": [1]})));
    let answer = server
        .raw(
            "POST",
            path,
            "application/x-www-form-urlencoded",
            "a=1&b=%C3%A9+x&a=2",
        )
        .await;
    assert_eq!(answer.json(), seen(json!({"a": "2", "b": "é x"})));
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx y\r\n--B\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"f.json\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--B--\r\n";
    let answer = server
        .raw("POST", path, "multipart/form-data; boundary=B", multipart)
        .await;
    assert_eq!(answer.json(), json!({"value": {"a": "x y"}, "file": "{}"}));
}

#[tokio::test]
async fn nothing_is_an_empty_object_whatever_its_type() {
    let server = Server::new().await;
    for media_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=B",
        "application/x-www-form-urlencoded",
    ] {
        let answer = server.raw("POST", "/api/v1/upload/", media_type, "").await;
        assert_eq!(answer.json()["value"], json!({}), "{media_type}");
    }
    let answer = server.call("POST", "/api/v1/things/").await;
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!({"name": ["This field is required."]}))
    );
}

#[tokio::test]
async fn other_types_are_refused_by_name() {
    let server = Server::new().await;
    for media_type in [
        "text/plain",
        "application/vnd.api+json",
        "text/plain; charset=utf-8",
    ] {
        let answer = server.raw("POST", "/api/v1/things/", media_type, "x").await;
        let detail = format!("Unsupported media type \"{media_type}\" in request.");
        assert_eq!((answer.status, answer.json()), (415, json!({"detail": detail})));
    }
    let answer = server
        .send(request("POST", "/api/v1/things/").body(Body::from("x")).unwrap())
        .await;
    assert_eq!(
        answer.json(),
        json!({"detail": "Unsupported media type \"\" in request."})
    );
}

#[tokio::test]
async fn broken_bodies_are_described() {
    let server = Server::new().await;
    let answer = server
        .raw("POST", "/api/v1/things/", "application/json", "{bad")
        .await;
    let detail =
        "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)";
    assert_eq!((answer.status, answer.json()), (400, json!({"detail": detail})));
    for media_type in ["multipart/form-data", "multipart/form-data; boundary=B"] {
        let answer = server.raw("POST", "/api/v1/things/", media_type, "rubbish").await;
        assert_eq!(answer.status, 400, "{media_type}");
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .starts_with("Multipart form parse error - ")
        );
    }
    let deep = "[".repeat(100_000);
    let answer = server
        .raw("POST", "/api/v1/things/", "application/json", deep)
        .await;
    assert_eq!(
        answer.json(),
        json!({"detail": "JSON parse error - Nested more than 64 levels deep"})
    );
}

#[tokio::test]
async fn large_bodies_are_refused_before_they_are_held() {
    let server = Server::new().await;
    let detail = json!({"detail": "The request body must have at most 1048576 bytes."});
    let answer = server
        .raw(
            "POST",
            "/api/v1/things/",
            "application/json",
            vec![b' '; (1 << 20) + 1],
        )
        .await;
    assert_eq!((answer.status, answer.json()), (413, detail.clone()));
    let declared = request("POST", "/api/v1/things/")
        .header("content-length", "99999999999")
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(declared).await.status, 413);
    let endless = stream::repeat(Ok::<_, Infallible>(Bytes::from_static(&[b' '; 4096]))).boxed();
    let endless = request("POST", "/api/v1/things/")
        .header("content-type", "application/json")
        .body(Body::from_stream(endless))
        .unwrap();
    let answer = server.send(endless).await;
    assert_eq!((answer.status, answer.json()), (413, detail));
    let fits = format!("{{\"name\":\"a\"{}}}", " ".repeat((1 << 20) - 12));
    assert_eq!(fits.len(), 1 << 20);
    assert_eq!(
        server
            .raw("POST", "/api/v1/things/", "application/json", fits)
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn slow_bodies_are_cut_off() {
    let silent = stream::pending::<Result<Bytes, Infallible>>();
    let request = request("POST", "/api/v1/things/")
        .body(Body::from_stream(silent))
        .unwrap();
    let server = Server::new().await;
    tokio::time::pause();
    let answer = server.send(request).await;
    assert_eq!(
        (answer.status, answer.json()),
        (408, json!({"detail": "The request body did not arrive in time."}))
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("reset"))]);
    let request = request("POST", "/api/v1/things/")
        .body(Body::from_stream(broken))
        .unwrap();
    let answer = Server::new().await.send(request).await;
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!({"detail": "The request body broke off."}))
    );
}

#[tokio::test]
async fn all_complaints_come_together() {
    let server = Server::new().await;
    let answer = server
        .json(
            "POST",
            "/api/v1/things/",
            &json!({"name": "", "share": 101, "tags": [1, "x"]}),
        )
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({
            "name": ["This field may not be blank."],
            "share": ["Ensure this value is less than or equal to 100."],
            "tags": {"1": ["A valid integer is required."]},
        })
    );
    let answer = server.json("POST", "/api/v1/things/", &json!([])).await;
    assert_eq!(
        answer.json(),
        json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]})
    );
    let answer = server
        .raw(
            "POST",
            "/api/v1/things/",
            "application/x-www-form-urlencoded",
            "name=a&tags=1&tags=b",
        )
        .await;
    assert_eq!(
        answer.json(),
        json!({"tags": {"1": ["A valid integer is required."]}})
    );
}

#[tokio::test]
async fn lists_of_objects_are_read_one_by_one() {
    let server = Server::new().await;
    let answer = server
        .json(
            "POST",
            "/api/v1/bulk-things/",
            &json!([{"name": "a"}, {}, {"name": "b"}]),
        )
        .await;
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!([{}, {"name": ["This field is required."]}, {}]))
    );
    assert_eq!(
        server
            .json("POST", "/api/v1/bulk-things/", &json!([{"name": "a"}]))
            .await
            .json(),
        json!(1)
    );
    let answer = server.json("POST", "/api/v1/bulk-things/", &json!({})).await;
    assert_eq!(
        answer.json(),
        json!({"non_field_errors": ["Expected a list of items but got type \"dict\"."]})
    );
}
