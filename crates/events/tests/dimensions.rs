//! The numbers by dimension: as the plain model says, wherever the events lie and however little memory there is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use liftgate_events::{
    Aggregation, EmbeddedReader, EmbeddedStore, Event, EventReader as _, EventSink as _, ExposureQuery,
    Level, MAX_LEVELS, MetricQuery, QueryOptions, SettledMetric, Thresholds,
};
use proptest::prelude::*;
use support::dimension_model::assert_dimensions;
use support::model::query;
use support::{DAY_MS, HOUR_MS, START_MS, any_event, event, exposure, manual};

/// Traits that depend on nothing but the identity, since a resent event may have others.
fn with_traits(event: Event) -> Event {
    let traits = match event.identifier.as_deref() {
        Some("user-1" | "user-2") => r#"{"plan": "pro", "n": "trait"}"#,
        Some("user-3" | "user-4" | "user-5") => r#"{"plan": 12.5, "n": "trait"}"#,
        Some("user-6") => "{\"plan\": [\"pro\"]}",
        _ => "",
    };
    Event {
        traits: traits.to_owned(),
        ..event
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn levels_are_those_of_the_plain_model(
        sealed in prop::collection::vec(any_event().prop_map(with_traits), 0..60),
        unsealed in prop::collection::vec(any_event().prop_map(with_traits), 0..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
            let half = sealed.len() / 2;
            for part in [&sealed[..half], &sealed[half..]] {
                if !part.is_empty() {
                    store.append(part.to_vec()).await.unwrap();
                    store.seal_now().await.unwrap();
                }
            }
            if !unsealed.is_empty() {
                store.append(unsealed.clone()).await.unwrap();
            }
            let events: Vec<Event> = sealed.iter().chain(&unsealed).cloned().collect();
            let later = ExposureQuery { from_ms: START_MS + DAY_MS + 4 * HOUR_MS, ..query() };
            for window in [query(), later] {
                assert_dimensions(store.reader(), &events, &window, &["n", "plan", "it's/~", "nothing"]).await;
            }
            assert_dimensions(store.reader(), &events, &query(), &[]).await;
        });
    }
}

/// Identities of many levels: few of most, and more of each the lower its number.
fn many_levels(identities: u32) -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..identities {
        let name = format!("user-{number}");
        let at = START_MS + i64::from(number) * 60_000;
        let level = (number % 60).min(number % 77);
        let long = "x".repeat(256);
        let metadata = match number % 11 {
            0 => format!("{{\"city\":\"{long}\"}}"),
            1 => "{}".to_owned(),
            _ => format!("{{\"city\":\"c{level}\",\"version\":{}}}", number % 4),
        };
        let variant = if number % 3 == 0 { "control" } else { "treatment" };
        events.push(Event {
            metadata: metadata.clone(),
            ..exposure(&name, variant, at)
        });
        // What comes later does not change what somebody was at first.
        events.push(Event {
            metadata: "{\"city\":\"later\"}".to_owned(),
            ..exposure(&name, variant, at + 1)
        });
        if number % 40 == 0 {
            events.push(exposure(&name, "other", at + 7));
        }
        events.push(event(
            "purchase",
            &name,
            Some("3"),
            at + i64::from(number % 7) * HOUR_MS,
        ));
        events.push(event("view", &name, None, at));
    }
    events
}

/// A store that has sealed most of the events.
async fn filled(directory: &std::path::Path, events: &[Event]) -> EmbeddedStore {
    let store = EmbeddedStore::open(directory, manual()).unwrap();
    let (sealed, unsealed) = events.split_at(events.len() - events.len() / 10);
    for chunk in sealed.chunks(4_000) {
        store.append(chunk.to_vec()).await.unwrap();
        store.seal_now().await.unwrap();
    }
    store.append(unsealed.to_vec()).await.unwrap();
    store
}

#[tokio::test]
async fn the_largest_levels_are_told_and_the_rest_together() {
    let directory = tempfile::tempdir().unwrap();
    let events = many_levels(400);
    let store = filled(directory.path(), &events).await;
    assert_dimensions(store.reader(), &events, &query(), &["city", "version"]).await;
}

#[tokio::test]
async fn several_passes_give_the_same_bits_as_one() {
    let directory = tempfile::tempdir().unwrap();
    drop(filled(directory.path(), &many_levels(3_000)).await);
    let metric = MetricQuery::new(1, "purchase", Aggregation::Sum);
    let settled = [SettledMetric {
        query: metric,
        thresholds: Thresholds::default(),
        second_thresholds: Thresholds::default(),
        before_thresholds: [Thresholds::default(); 2],
    }];
    let ask = async |analysis_memory_bytes| {
        let options = QueryOptions {
            analysis_memory_bytes,
            ..QueryOptions::default()
        };
        let reader = EmbeddedReader::open(directory.path(), options).unwrap();
        let names = ["city".to_owned(), "version".to_owned()];
        let variants = ["control".to_owned(), "treatment".to_owned()];
        reader
            .dimension_statistics(&query(), &names, &variants, &settled)
            .await
            .unwrap()
            .dimensions
    };
    let found = ask(QueryOptions::default().analysis_memory_bytes).await;
    assert_eq!(found[0].levels.len(), MAX_LEVELS + 2);
    assert_eq!(found[0].levels[0].level, Level::Value("c2".to_owned()));
    let total: u64 = found[0]
        .levels
        .iter()
        .flat_map(|level| level.identities.values())
        .sum();
    assert_eq!(total, 3_000 - 3_000 / 40);
    assert!(!found[0].is_truncated);
    // Little memory takes several passes, which give the same bits.
    assert_eq!(ask(0).await, found);
}

#[tokio::test]
async fn hostile_levels_are_bounded_and_said_to_be() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    // Twenty-five thousand long values: more than are told apart.
    for batch in 0..5 {
        let events = (0..5_000).map(|number| {
            let level = format!("{batch}-{number}-{}", "ü".repeat(240));
            Event {
                metadata: format!("{{\"session\":\"{level}\",\"plan\":\"pro\"}}"),
                ..exposure(&format!("user-{batch}-{number}"), "control", START_MS + number)
            }
        });
        store.append(events.collect()).await.unwrap();
    }
    store.seal_now().await.unwrap();
    let names = ["session".to_owned(), "plan".to_owned()];
    let found = store
        .reader()
        .dimension_statistics(&query(), &names, &["control".to_owned()], &[])
        .await
        .unwrap();
    let [session, plan] = &found.dimensions[..] else {
        panic!("two dimensions were asked for")
    };
    assert!(session.is_truncated);
    assert!(!plan.is_truncated);
    assert_eq!(session.levels.len(), MAX_LEVELS + 1);
    let total: u64 = session
        .levels
        .iter()
        .map(|level| level.identities["control"])
        .sum();
    assert_eq!(total, 25_000);
    assert_eq!(plan.levels[0].identities["control"], 25_000);
}
