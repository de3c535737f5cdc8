//! The numbers of each day: as the plain model says, wherever the events lie and however little memory there is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use liftgate_events::{
    Aggregation, EmbeddedReader, EmbeddedStore, Event, EventReader as _, EventSink as _, ExposureQuery,
    MAX_DAYS, MetricQuery, QueryOptions, SettledMetric,
};
use proptest::prelude::*;
use support::daily_model::{VARIANTS, assert_days};
use support::model::{metrics, query};
use support::{DAY_MS, HOUR_MS, START_MS, any_event, event, exposure, manual};

fn windows() -> [ExposureQuery; 4] {
    let window = |from_ms, until_ms| ExposureQuery {
        from_ms,
        until_ms,
        ..query()
    };
    [
        query(),
        window(
            START_MS + DAY_MS + 4 * HOUR_MS,
            START_MS + 3 * DAY_MS + 2 * HOUR_MS,
        ),
        window(START_MS + 2 * HOUR_MS, START_MS + 2 * HOUR_MS + 1),
        window(START_MS + DAY_MS, START_MS + DAY_MS),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn days_are_those_of_the_plain_model(
        sealed in prop::collection::vec(any_event(), 0..60),
        unsealed in prop::collection::vec(any_event(), 0..30),
        resent in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
            let (mut events, half) = (sealed.clone(), sealed.len() / 2);
            for part in [&sealed[..half], &sealed[half..]] {
                if !part.is_empty() {
                    store.append(part.to_vec()).await.unwrap();
                    store.seal_now().await.unwrap();
                }
            }
            events.extend(unsealed.iter().cloned());
            if !events.is_empty() {
                let again = resent.get(&events).clone();
                store.append(unsealed.iter().cloned().chain([again]).collect()).await.unwrap();
            }
            for window in windows() {
                assert_days(store.reader(), &events, &window).await;
            }
        });
    }
}

/// Twenty thousand identities that come over three days and buy on several.
fn crowd() -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..20_000_u32 {
        let name = format!("user-{number}");
        let at = START_MS + i64::from(number) * 12_000;
        let variant = if number % 3 == 0 { "control" } else { "treatment" };
        events.push(exposure(&name, variant, at));
        events.push(event(
            "purchase",
            &name,
            Some("3"),
            at - i64::from(number % 5) * HOUR_MS,
        ));
        events.push(event(
            "purchase",
            &name,
            Some("2.5"),
            at + i64::from(number % 70) * HOUR_MS,
        ));
        events.push(event("view", &name, None, at + 5));
    }
    events
}

#[tokio::test]
async fn several_passes_give_the_same_bits_as_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let events = crowd();
    let (sealed, unsealed) = events.split_at(events.len() - 3_000);
    for chunk in sealed.chunks(20_000) {
        store.append(chunk.to_vec()).await.unwrap();
        store.seal_now().await.unwrap();
    }
    store.append(unsealed.to_vec()).await.unwrap();
    let whole = store
        .reader()
        .sufficient_statistics(&query(), &metrics())
        .await
        .unwrap();
    let settled: Vec<SettledMetric> = metrics()
        .iter()
        .zip(&whole.metrics)
        .map(|(metric, found)| SettledMetric::new(metric, found))
        .collect();
    let variants = VARIANTS.map(str::to_owned);
    drop(store);
    let ask = async |analysis_memory_bytes| {
        let options = QueryOptions {
            analysis_memory_bytes,
            ..QueryOptions::default()
        };
        let store = EmbeddedReader::open(directory.path(), options).unwrap();
        store
            .daily_statistics(&query(), &variants, &settled)
            .await
            .unwrap()
    };
    let in_memory = ask(QueryOptions::default().analysis_memory_bytes).await;
    let new: Vec<u64> = in_memory
        .days
        .iter()
        .map(|day| day.new_identities.values().sum())
        .collect();
    assert_eq!(new, [7_200, 7_200, 5_600, 0, 0]);
    for memory_bytes in [0, 800_000] {
        assert_eq!(
            ask(memory_bytes).await.days,
            in_memory.days,
            "{memory_bytes} bytes"
        );
    }
}

#[tokio::test]
async fn the_last_days_of_a_long_time_go_on_from_what_was_before() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let days = i64::try_from(MAX_DAYS).unwrap() + 10;
    let events = vec![
        exposure("ann", "control", START_MS),
        event("purchase", "ann", Some("1"), START_MS + 1),
        event("purchase", "ann", Some("2"), START_MS + (days - 1) * DAY_MS),
    ];
    store.append(events).await.unwrap();
    store.seal_now().await.unwrap();
    let long = ExposureQuery {
        until_ms: START_MS + days * DAY_MS,
        ..query()
    };
    let metric = MetricQuery::new(1, "purchase", Aggregation::Sum);
    let whole = store
        .reader()
        .sufficient_statistics(&long, std::slice::from_ref(&metric))
        .await
        .unwrap();
    let settled = [SettledMetric::new(&metric, &whole.metrics[0])];
    let found = store
        .reader()
        .daily_statistics(&long, &["control".to_owned()], &settled)
        .await
        .unwrap();
    assert_eq!(found.days.len(), MAX_DAYS);
    assert_eq!(found.days[0].day_ms, START_MS + 10 * DAY_MS);
    let sum = |day: usize| found.days[day].cumulative[0].variants["control"].sum.to_bits();
    assert_eq!(
        (sum(0), sum(MAX_DAYS - 1)),
        (1.0_f64.to_bits(), 3.0_f64.to_bits())
    );
    let last = found.days[MAX_DAYS - 1].daily[0].as_ref().unwrap().variants["control"];
    assert_eq!((last.n, last.sum.to_bits()), (1, 2.0_f64.to_bits()));
}
