//! Faults, panics, time limits, and the form of errors on Liftgate's own paths.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use liftgate_api::middleware::FrameSettings;
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use serde_json::json;

use super::kit::{Choice, Server};

#[tokio::test]
async fn a_fault_is_told_by_its_id_alone() {
    let server = Server::new().await;
    for path in ["/api/v1/breaks/", "/api/v1/panics/"] {
        let answer = server.get(path).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(
            (answer.status, answer.json()),
            (500, json!({"detail": "Internal server error.", "id": id}))
        );
        assert!(!answer.text().contains("secret"), "{path}");
        assert!(id.bytes().all(|digit| digit.is_ascii_hexdigit()));
    }
    assert_eq!(server.get("/api/v1/panics/?calm=1").await.status, 204);
}

#[test]
fn panics_and_requests_are_counted() {
    let tally = Tally::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::new());
    metrics::with_local_recorder(&tally, || {
        runtime.block_on(async {
            server.get("/api/v1/panics/").await;
            server.get("/api/v1/features/12/").await;
            server.get("/api/v1/features/14/").await;
            server.call("BREW", "/nothing/").await;
        });
    });
    let count = |name: &str| {
        let counted = tally.0.lock().unwrap();
        counted.iter().filter(|counted| *counted == name).count()
    };
    assert_eq!(count("http_panics_total"), 1);
    assert_eq!(count("http_requests_total GET /api/v1/panics/ 500"), 1);
    assert_eq!(
        count("http_requests_total GET /api/v1/features/{feature_id}/ 200"),
        2
    );
    assert_eq!(count("http_requests_total other unmatched 404"), 1);
    assert_eq!(
        count("http_request_duration_seconds GET /api/v1/features/{feature_id}/ 200"),
        2
    );
}

/// Remembers what was counted, with its labels.
#[derive(Default, Clone)]
struct Tally(Arc<Mutex<Vec<String>>>);

/// One figure of the tally: its name is noted whenever it counts.
struct Figure {
    name: String,
    tally: Tally,
}

impl Tally {
    fn figure(&self, key: &Key) -> Arc<Figure> {
        let labels = key.labels().map(metrics::Label::value);
        let words: Vec<&str> = std::iter::once(key.name()).chain(labels).collect();
        Arc::new(Figure {
            name: words.join(" "),
            tally: self.clone(),
        })
    }
}

impl Figure {
    fn note(&self) {
        self.tally.0.lock().unwrap().push(self.name.clone());
    }
}

impl CounterFn for Figure {
    fn increment(&self, by: u64) {
        (0..by).for_each(|_| self.note());
    }

    fn absolute(&self, _: u64) {
        self.note();
    }
}

impl HistogramFn for Figure {
    fn record(&self, _: f64) {
        self.note();
    }
}

impl Recorder for Tally {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.figure(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.figure(key))
    }
}

#[tokio::test]
async fn requests_have_different_ids() {
    let server = Server::new().await;
    let first = server
        .get("/version/")
        .await
        .header("x-request-id")
        .unwrap()
        .to_owned();
    assert_ne!(
        server.get("/version/").await.header("x-request-id").unwrap(),
        first
    );
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_unavailable() {
    let frame = FrameSettings {
        time_limit: Duration::from_secs(3),
        ..FrameSettings::default()
    };
    let server = Server::with(Choice {
        frame,
        ..Choice::default()
    })
    .await;
    tokio::time::pause();
    let answer = server.get("/api/v1/hangs/").await;
    assert_eq!(
        (answer.status, answer.json()),
        (503, json!({"detail": "The request took too long."}))
    );
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn own_paths_answer_problem_details() {
    let server = Server::new().await;
    let answer = server
        .json("POST", "/api/liftgate/v1/things/", &json!({"name": true}))
        .await;
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        answer.json(),
        json!({
            "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "The input is not acceptable.",
            "request_id": id, "errors": {"name": ["Not a valid string."]},
        })
    );
    let answer = server.call("PUT", "/api/liftgate/v1/things/").await;
    assert_eq!(
        (answer.status, answer.json()["detail"].clone()),
        (405, json!("Method \"PUT\" not allowed."))
    );
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    let answer = server.get("/api/liftgate/v1/breaks/").await;
    assert_eq!(
        (answer.status, answer.json()["detail"].clone()),
        (500, json!("Internal server error."))
    );
    assert!(!answer.text().contains("secret"));
}

#[tokio::test]
async fn conflicts_carry_their_word() {
    let answer = Server::new().await.call("DELETE", "/api/v1/features/2/").await;
    assert_eq!(
        (answer.status, answer.json()),
        (409, json!({"detail": "Locked.", "code": "experiment_running"}))
    );
}

#[tokio::test]
async fn caching_may_be_left_to_the_client() {
    let frame = FrameSettings {
        never_cache: false,
        ..FrameSettings::default()
    };
    let answer = Server::with(Choice {
        frame,
        ..Choice::default()
    })
    .await
    .get("/version/")
    .await;
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        (None, None)
    );
}
