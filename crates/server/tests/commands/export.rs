//! `liftgate event export`.

use crate::data::{Data, errors_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KEY: &str = "production-key";

/// A server with one environment, in which some events were recorded.
async fn with_events(data: &Data, names: &[&str]) {
    let arguments = ["bootstrap", "--organisation", "Acme", "--project", "Web"];
    let environments = ["--environments", "Production", "--client-key", KEY];
    data.succeed(&[&arguments[..], &environments[..]].concat());
    let server = data.serve();
    let now = std::process::id();
    let events: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            json!({"event": name, "identifier": format!("user-{now}-{at}"), "value": "12.5", "metadata": {},
                "timestamp": 1_795_000_000_000_u64 + at as u64})
        })
        .collect();
    let sdk = server.client().with_environment_key(KEY);
    let answer = sdk
        .post("/v1/events", json!({"events": events}))
        .await
        .expect(202);
    assert_eq!(answer["accepted"], names.len());
    // While the server is up, everything is there already.
    assert_eq!(lines(&data.succeed(&["event", "export"])).len(), names.len());
    server.kill();
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

#[tokio::test]
async fn every_event_comes_out_once_with_the_server_up_or_down() {
    let data = Data::new();
    with_events(&data, &["purchase", "purchase", "signup"]).await;
    let all = lines(&data.succeed(&["event", "export"]));
    assert_eq!(all.len(), 3);
    let people: BTreeSet<&str> = all
        .iter()
        .filter_map(|event| event["identifier"].as_str())
        .collect();
    assert_eq!(people.len(), 3);
    let some = lines(&data.succeed(&["event", "export", "--event", "signup"]));
    assert_eq!(some.len(), 1);
    assert_eq!(some[0]["event"], "signup");
    let none = data.succeed(&["event", "export", "--environment", "another"]);
    assert_eq!(none, "");
    let none = data.succeed(&["event", "export", "--until", "2020-01-01"]);
    assert_eq!(none, "");
}

#[tokio::test]
async fn parquet_is_written_to_a_file() {
    let data = Data::new();
    with_events(&data, &["purchase"]).await;
    let path = data.path().join("events.parquet");
    let output = path.to_str().expect("the path is text");
    data.succeed(&["event", "export", "--format", "parquet", "--output", output]);
    let bytes = std::fs::read(&path).expect("the file is there");
    // The magic number at both ends (Parquet format specification).
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let refused = data.run(&["event", "export", "--from", "yesterday"]);
    assert!(!refused.status.success());
    assert!(errors_of(&refused).contains("yesterday"));
    let refused = data.run(&["event", "export", "--output", "/nowhere/x"]);
    assert!(errors_of(&refused).contains("/nowhere/x"));
}
