//! What the tests of the event store share.

#![expect(dead_code, reason = "each test uses a part of it")]

pub mod daily_model;
pub mod dimension_model;
pub mod model;
pub mod sim_disk;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use liftgate_events::{EmbeddedOptions, Event, EventReader, ExportFilter, ExportFormat, MAX_TIMESTAMP_MS};

pub const ENVIRONMENT: &str = "env-A";
pub const FEATURE: &str = "checkout";
pub const DAY_MS: i64 = 86_400_000;
pub const HOUR_MS: i64 = 3_600_000;
/// Midnight of a day in UTC.
pub const START_MS: i64 = 1_767_225_600_000;

/// Options under which nothing is sealed unless asked for.
pub fn manual() -> EmbeddedOptions {
    EmbeddedOptions {
        seal_after: None,
        ..EmbeddedOptions::default()
    }
}

pub fn event(name: &str, identifier: &str, value: Option<&str>, timestamp_ms: i64) -> Event {
    Event {
        environment_key: ENVIRONMENT.to_owned(),
        event: name.to_owned(),
        feature_name: None,
        identifier: Some(identifier.to_owned()),
        value: value.map(str::to_owned),
        traits: "{\"plan\":\"pro\"}".to_owned(),
        metadata: "{\"sdk_version\":\"12.4.0\"}".to_owned(),
        timestamp_ms,
        collected_at_ms: timestamp_ms.saturating_add(1),
        sdk_language: "js".to_owned(),
        sdk_version: "12.4.0".to_owned(),
    }
}

pub fn exposure(identifier: &str, variant: &str, timestamp_ms: i64) -> Event {
    Event {
        feature_name: Some(FEATURE.to_owned()),
        ..event("$flag_exposure", identifier, Some(variant), timestamp_ms)
    }
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything in the store, as exported, in the order of the export.
pub async fn stored(store: &impl EventReader) -> Vec<Event> {
    exported(store, ExportFilter::default()).await
}

pub async fn exported(store: &impl EventReader, filter: ExportFilter) -> Vec<Event> {
    let buffer = Buffer::default();
    let rows = store
        .export(filter, ExportFormat::JsonLines, Box::new(buffer.clone()))
        .await
        .unwrap();
    let text = String::from_utf8(buffer.bytes()).unwrap();
    let events: Vec<Event> = text.lines().map(event_of_line).collect();
    assert_eq!(events.len() as u64, rows);
    events
}

fn event_of_line(line: &str) -> Event {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    let json = |name: &str| match &line[name] {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        object => object.to_string(),
    };
    Event {
        environment_key: text("environment_key").unwrap(),
        event: text("event").unwrap(),
        feature_name: text("feature_name"),
        identifier: text("identifier"),
        value: text("value"),
        traits: json("traits"),
        metadata: json("metadata"),
        timestamp_ms: line["timestamp"].as_i64().unwrap(),
        collected_at_ms: line["collected_at"].as_i64().unwrap(),
        sdk_language: text("sdk_language").unwrap(),
        sdk_version: text("sdk_version").unwrap(),
    }
}

/// Events in an order that does not depend on where they are stored.
pub fn ordered(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| (event.timestamp_ms, event.fingerprint()));
    events
}

/// The files of the log, oldest first.
pub fn log_files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory.join("log")) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "log"))
        .collect();
    files.sort();
    files
}

/// The Parquet files.
pub fn parquet_files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![directory.join("parquet")];
    while let Some(directory) = directories.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Arbitrary events that collide often: few identities, names and values, coarse times over five days.
pub fn any_event() -> impl proptest::strategy::Strategy<Value = Event> {
    use proptest::prelude::*;
    let identifier =
        prop_oneof![1 => Just(None), 12 => (0..8_u8).prop_map(|number| Some(format!("user-{number}")))];
    let kind = prop_oneof![
        3 => (Just("$flag_exposure"), Just(Some(FEATURE)), prop_oneof![
            8 => Just(Some("control")), 8 => Just(Some("treatment")), 1 => Just(None)]),
        1 => (Just("$flag_exposure"), Just(Some("other")), Just(Some("control"))),
        4 => (prop_oneof![Just("purchase"), Just("view")], prop_oneof![Just(None), Just(Some(FEATURE)), Just(Some("z"))],
            prop_oneof![Just(None), Just(Some("3")), Just(Some("2.5")), Just(Some("abc")), Just(Some("-1e2")), Just(Some("inf"))]),
    ];
    let environment = prop_oneof![5 => Just(ENVIRONMENT), 1 => Just("env/B ü")];
    (environment, kind, identifier, 0..60_i64, 0..3_u8).prop_map(
        |(environment, kind, identifier, step, metadata)| {
            let (event, feature_name, value) = kind;
            Event {
                environment_key: environment.to_owned(),
                event: event.to_owned(),
                feature_name: feature_name.map(str::to_owned),
                identifier,
                value: value.map(str::to_owned),
                traits: String::new(),
                metadata: format!("{{\"n\":\"{}\",\"it's/~\":{}}}", metadata % 2, metadata > 0),
                timestamp_ms: START_MS + step * 2 * HOUR_MS,
                collected_at_ms: START_MS,
                sdk_language: "python".to_owned(),
                sdk_version: "6.2.0".to_owned(),
            }
        },
    )
}

/// Arbitrary events with arbitrary texts.
pub fn wild_event() -> impl proptest::strategy::Strategy<Value = Event> {
    use proptest::prelude::*;
    let text = || prop_oneof![4 => ".{0,20}", 1 => ".{200,400}", 1 => Just("\u{0}\u{FE}LG\u{FF}".to_owned())];
    let optional = || proptest::option::of(text());
    (
        (text(), text(), optional(), optional(), optional()),
        (text(), text()),
        0..=MAX_TIMESTAMP_MS,
    )
        .prop_map(
            |(
                (environment_key, event, feature_name, identifier, value),
                (sdk_language, sdk_version),
                timestamp_ms,
            )| Event {
                environment_key,
                event,
                feature_name,
                identifier,
                value,
                traits: "{\"a\":1}".to_owned(),
                metadata: String::new(),
                timestamp_ms,
                collected_at_ms: 5,
                sdk_language,
                sdk_version,
            },
        )
}

/// Compares events one by one, so that a failure names the first that differs.
#[track_caller]
pub fn assert_same(found: &[Event], expected: &[Event], what: &str) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            found == expected,
            "{what}: event {at} is {found:?} instead of {expected:?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{what}: the number of events");
}
