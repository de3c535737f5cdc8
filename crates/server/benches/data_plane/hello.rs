//! The alternative: a server of the same framework that answers a fixed number of bytes to everything.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};

/// Serves at a free port of this machine, whose address is the only line that is printed.
pub async fn serve(bytes: usize) {
    let body = Bytes::from(vec![b'x'; bytes]);
    let answer = ([(CONTENT_TYPE, "application/json")], body);
    let (to_get, to_post) = (answer.clone(), answer);
    let router = Router::new()
        .route("/hello", get(async move || to_get))
        .route("/hello", post(async move |_: Bytes| to_post));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    super::say(&format!("hello is at http://{address}"));
    axum::serve(listener, router).await.unwrap();
}
