//! Paged lists.

use axum::extract::ConnectInfo;
use serde_json::{Value, json};
use std::net::SocketAddr;

use super::kit::{Choice, Server, request};

async fn links(server: &Server, uri: &str) -> (Value, Value, Value, usize) {
    let answer = server.get(uri).await;
    assert_eq!(answer.status, 200, "{uri}: {answer:?}");
    let body = answer.json();
    (
        body["count"].clone(),
        body["next"].clone(),
        body["previous"].clone(),
        body["results"].as_array().unwrap().len(),
    )
}

#[tokio::test]
async fn pages_link_to_their_neighbours() {
    let server = Server::new().await;
    let base = "http://testserver/api/v1/things/";
    assert_eq!(
        links(&server, "/api/v1/things/").await,
        (json!(25), json!(format!("{base}?page=2")), Value::Null, 10)
    );
    assert_eq!(
        links(&server, "/api/v1/things/?page=2").await,
        (json!(25), json!(format!("{base}?page=3")), json!(base), 10)
    );
    assert_eq!(
        links(&server, "/api/v1/things/?page=3").await,
        (json!(25), Value::Null, json!(format!("{base}?page=2")), 5)
    );
}

#[tokio::test]
async fn links_keep_the_other_parameters_sorted_by_name() {
    let server = Server::new().await;
    let (_, next, previous, _) = links(
        &server,
        "/api/v1/things/?z=1&page=2&b=%C3%A9+x&a=2&b=&a=1&total=30&page_size=3",
    )
    .await;
    assert_eq!(
        next,
        "http://testserver/api/v1/things/?a=2&a=1&b=%C3%A9+x&b=&page=3&page_size=3&total=30&z=1"
    );
    assert_eq!(
        previous,
        "http://testserver/api/v1/things/?a=2&a=1&b=%C3%A9+x&b=&page_size=3&total=30&z=1"
    );
}

#[tokio::test]
async fn pages_beyond_the_end_and_no_numbers_are_not_found() {
    let server = Server::new().await;
    for page in [
        "4",
        "0",
        "-1",
        "abc",
        "1.5",
        "99999999999999999999999999",
        "1e1",
        "%00",
    ] {
        let answer = server.get(&format!("/api/v1/things/?page={page}")).await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"detail": "Invalid page."})),
            "{page}"
        );
    }
    for page in ["", "1", "%201%20", "%2B1", "9&page=1"] {
        assert_eq!(
            links(&server, &format!("/api/v1/things/?page={page}")).await.3,
            10,
            "{page}"
        );
    }
}

#[tokio::test]
async fn an_empty_list_is_one_empty_page() {
    let server = Server::new().await;
    assert_eq!(
        links(&server, "/api/v1/things/?total=0").await,
        (json!(0), Value::Null, Value::Null, 0)
    );
    assert_eq!(server.get("/api/v1/things/?total=0&page=2").await.status, 404);
}

#[tokio::test]
async fn page_size_counts_only_where_it_may_be_chosen() {
    let server = Server::new().await;
    assert_eq!(links(&server, "/api/v1/things/?page_size=3").await.3, 10);
    let next = json!("http://testserver/api/v1/wide-things/?page=2&page_size=1");
    assert_eq!(
        links(&server, "/api/v1/wide-things/?page_size=1").await,
        (json!(25), next, Value::Null, 1)
    );
    for (size, shown) in [
        ("0", 999),
        ("-1", 999),
        ("abc", 999),
        ("1000", 999),
        ("", 999),
        ("998", 998),
    ] {
        assert_eq!(
            links(
                &server,
                &format!("/api/v1/wide-things/?total=1500&page_size={size}")
            )
            .await
            .3,
            shown,
            "{size}"
        );
    }
    let body = server.get("/api/v1/wide-things/").await.json();
    assert_eq!(body["status_counts"], json!({"created": 0}));
    let names: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["count", "next", "previous", "results", "status_counts"]);
}

#[tokio::test]
async fn links_have_the_scheme_that_a_configured_proxy_tells() {
    let server = Server::with(Choice {
        proxies: vec!["10.0.0.0/8"],
        ..Choice::default()
    })
    .await;
    let next = async |peer: &str| {
        let mut request = request("GET", "/api/v1/things/")
            .header("x-forwarded-proto", "https")
            .body(axum::body::Body::empty())
            .unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
        server.send(request).await.json()["next"].clone()
    };
    assert_eq!(
        next("10.1.1.1:5").await,
        "https://testserver/api/v1/things/?page=2"
    );
    assert_eq!(
        next("192.0.2.1:5").await,
        "http://testserver/api/v1/things/?page=2"
    );
}
