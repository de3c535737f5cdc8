//! The answers of the store: as the plain model says, wherever the events lie.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use liftgate_events::{
    Aggregation, EmbeddedOptions, EmbeddedReader, EmbeddedStore, Event, EventReader as _, EventSink as _,
    ExposureQuery, MetricQuery, QueryOptions,
};
use proptest::prelude::*;
use support::model::{assert_answers, metrics, query};
use support::{DAY_MS, HOUR_MS, START_MS, any_event, event, exposure, manual, parquet_files};

/// What is done to a store between questions.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Event>),
    /// Appends the batch of an earlier step again.
    Resend(prop::sample::Index),
    Seal,
    Compact,
    Reopen,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(any_event(), 1..30).prop_map(Step::Append),
        2 => any::<prop::sample::Index>().prop_map(Step::Resend),
        3 => Just(Step::Seal),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
    ]
}

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
        window(START_MS + 9 * DAY_MS, START_MS + 10 * DAY_MS),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn answers_are_those_of_the_plain_model(steps in prop::collection::vec(any_step(), 1..10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let mut store = EmbeddedStore::open(directory.path(), manual()).unwrap();
            let mut batches: Vec<Vec<Event>> = Vec::new();
            for step in steps {
                match step {
                    Step::Append(batch) => {
                        store.append(batch.clone()).await.unwrap();
                        batches.push(batch);
                    }
                    Step::Resend(at) => {
                        if !batches.is_empty() {
                            store.append(at.get(&batches).clone()).await.unwrap();
                        }
                    }
                    Step::Seal => store.seal_now().await.unwrap(),
                    Step::Compact => store.compact_now().await.unwrap(),
                    Step::Reopen => {
                        drop(store);
                        store = EmbeddedStore::open(directory.path(), manual()).unwrap();
                    }
                }
            }
            let events = batches.concat();
            let reader = EmbeddedReader::open(directory.path(), QueryOptions::default()).unwrap();
            for window in windows() {
                assert_answers(store.reader(), &events, &window).await;
                assert_answers(&reader, &events, &window).await;
            }
            assert!(store.reader().check().await.unwrap().is_sound());
        });
    }
}

#[tokio::test]
async fn a_resent_batch_counts_once_sealed_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let mut batch = vec![
        exposure("ann", "control", START_MS),
        exposure("bob", "treatment", START_MS),
    ];
    batch.extend((0..5).map(|hour| event("purchase", "ann", Some("3"), START_MS + hour * HOUR_MS)));
    for round in 0..6 {
        // What an event is known by does not include when it was collected or the traits.
        let resent = batch.iter().cloned().map(|event| Event {
            collected_at_ms: round,
            traits: String::new(),
            ..event
        });
        store.append(resent.rev().collect()).await.unwrap();
        assert_answers(store.reader(), &batch, &query()).await;
        if round % 2 == 0 {
            store.seal_now().await.unwrap();
            assert_answers(store.reader(), &batch, &query()).await;
        }
    }
    assert_eq!(
        parquet_files(directory.path()).len(),
        1,
        "nothing new was ever sealed after the first time"
    );
    store.compact_now().await.unwrap();
    assert_answers(store.reader(), &batch, &query()).await;
}

#[tokio::test]
async fn the_window_includes_its_start_and_excludes_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let (from_ms, until_ms) = (START_MS + DAY_MS, START_MS + 2 * DAY_MS);
    let events = vec![
        exposure("at-start", "control", from_ms),
        exposure("before-start", "control", from_ms - 1),
        exposure("at-end", "control", until_ms),
        exposure("before-end", "control", until_ms - 1),
        // The other variant lies outside the window and quarantines nobody.
        exposure("at-start", "treatment", from_ms - 1),
        exposure("before-end", "treatment", until_ms),
        event("purchase", "at-start", Some("1"), from_ms - 1),
        event("purchase", "at-start", Some("2"), from_ms),
        event("purchase", "at-start", Some("4"), until_ms - 1),
        event("purchase", "at-start", Some("8"), until_ms),
    ];
    store.append(events.clone()).await.unwrap();
    let query = ExposureQuery {
        from_ms,
        until_ms,
        ..query()
    };
    for sealed in [false, true] {
        if sealed {
            store.seal_now().await.unwrap();
        }
        let answer = store
            .reader()
            .sufficient_statistics(&query, &metrics())
            .await
            .unwrap();
        assert_eq!(
            answer.identities.into_iter().collect::<Vec<_>>(),
            [("control".to_owned(), 2)]
        );
        assert_eq!(answer.quarantined_identities, 0);
        assert_eq!(
            answer.metrics[0].variants["control"].sum.to_bits(),
            6.0_f64.to_bits()
        );
        assert_eq!(
            answer.metrics[0].variants["control"].sum_squares.to_bits(),
            36.0_f64.to_bits()
        );
    }
}

#[tokio::test]
async fn events_count_from_the_millisecond_of_the_first_exposure() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let at = START_MS + 3 * HOUR_MS;
    let events = vec![
        exposure("ann", "control", at + 5 * DAY_MS / 2),
        exposure("ann", "control", at),
        event("purchase", "ann", Some("1"), at - 1),
        event("purchase", "ann", Some("2"), at),
        event("purchase", "ann", Some("4"), at + 1),
        event("purchase", "nobody", Some("8"), at + 1),
    ];
    store.append(events).await.unwrap();
    store.seal_now().await.unwrap();
    let answer = store
        .reader()
        .sufficient_statistics(&query(), &metrics())
        .await
        .unwrap();
    assert_eq!(
        answer.metrics[0].variants["control"].sum.to_bits(),
        6.0_f64.to_bits()
    );
    assert_eq!(
        answer.metrics[1].variants["control"].sum.to_bits(),
        3.0_f64.to_bits()
    );
    assert_eq!(
        answer.metrics[3].variants["control"].sum.to_bits(),
        1.0_f64.to_bits()
    );
}

#[tokio::test]
async fn hours_are_shown_up_to_72_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let events = vec![
        exposure("ann", "control", START_MS + 90 * 60_000),
        exposure("bob", "b", START_MS + 100 * 60_000),
    ];
    store.append(events.clone()).await.unwrap();
    for until_ms in [START_MS + 72 * HOUR_MS, START_MS + 72 * HOUR_MS + 1] {
        assert_answers(store.reader(), &events, &ExposureQuery { until_ms, ..query() }).await;
    }
}

#[tokio::test]
async fn several_passes_give_the_same_bits_as_one() {
    const IDENTITIES: u32 = 12_000;
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let mut events = Vec::new();
    for number in 0..IDENTITIES {
        let name = format!("user-{number}");
        let at = START_MS + i64::from(number) * 10_000;
        events.push(exposure(
            &name,
            if number % 3 == 0 { "control" } else { "treatment" },
            at,
        ));
        if number % 50 == 0 {
            events.push(exposure(&name, "other", at + 7));
        }
        events.push(event("purchase", &name, Some(&format!("0.{number}")), at + 1));
        events.push(event(
            "purchase",
            &name,
            Some("0.1"),
            at + i64::from(number % 7) * HOUR_MS,
        ));
        events.push(event("view", &name, None, at + 5));
    }
    let (sealed, unsealed) = events.split_at(events.len() - 3_000);
    for chunk in sealed.chunks(9_000) {
        store.append(chunk.to_vec()).await.unwrap();
        store.seal_now().await.unwrap();
    }
    store.append(unsealed.to_vec()).await.unwrap();
    drop(store);

    let limited = |analysis_memory_bytes| QueryOptions {
        analysis_memory_bytes,
        ..QueryOptions::default()
    };
    let in_memory = EmbeddedReader::open(directory.path(), QueryOptions::default()).unwrap();
    let expected = in_memory
        .sufficient_statistics(&query(), &metrics())
        .await
        .unwrap();
    let expected_exposures = in_memory.exposures(&query()).await.unwrap();
    assert_eq!(expected.quarantined_identities, u64::from(IDENTITIES) / 50);
    assert_answers_in_total(&expected, IDENTITIES);
    for memory_bytes in [0, 400_000] {
        let store = EmbeddedReader::open(directory.path(), limited(memory_bytes)).unwrap();
        let answer = store.sufficient_statistics(&query(), &metrics()).await.unwrap();
        assert_eq!(answer.metrics, expected.metrics, "{memory_bytes} bytes");
        assert_eq!(answer.identities, expected.identities);
        assert_eq!(answer.quarantined_identities, expected.quarantined_identities);
        assert_eq!(store.exposures(&query()).await.unwrap(), expected_exposures);
    }
}

fn assert_answers_in_total(answer: &liftgate_events::SufficientStatistics, identities: u32) {
    let total: u64 = answer.identities.values().sum();
    assert_eq!(total + answer.quarantined_identities, u64::from(identities));
}

#[tokio::test]
async fn small_seals_are_merged_by_themselves_and_the_answers_stay() {
    let directory = tempfile::tempdir().unwrap();
    let seal_after = Some(std::time::Duration::from_millis(40));
    let store = EmbeddedStore::open(
        directory.path(),
        EmbeddedOptions {
            seal_after,
            ..manual()
        },
    )
    .unwrap();
    let mut events = Vec::new();
    for round in 0..20 {
        let batch: Vec<Event> = (0..5)
            .map(|number| {
                event(
                    "purchase",
                    &format!("user-{number}"),
                    Some("3"),
                    START_MS + round * 10 + number,
                )
            })
            .chain([exposure(&format!("user-{round}"), "control", START_MS + round)])
            .collect();
        store.append(batch.clone()).await.unwrap();
        events.extend(batch);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while store.unsealed_bytes() > 0 {
            assert!(
                std::time::Instant::now() < deadline,
                "the sealer does not seal by itself"
            );
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_answers(store.reader(), &events, &query()).await;
    }
    // The last merge may still be under way.
    store.seal_now().await.unwrap();
    assert!(
        parquet_files(directory.path()).len() <= 6,
        "{:?}",
        parquet_files(directory.path())
    );
    assert!(store.reader().check().await.unwrap().is_sound());
}

#[tokio::test]
async fn many_names_and_features_in_one_file_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let mut events = Vec::new();
    for number in 0..6_000_i64 {
        let name = format!("event-{}", number % 97);
        let feature = (number % 3 > 0).then(|| format!("feature-{}", number % 11));
        let made = event(
            &name,
            &format!("user-{}", number % 40),
            Some("3"),
            START_MS + number * 1_000,
        );
        events.push(Event {
            feature_name: feature,
            ..made
        });
        events.push(event(
            "purchase",
            &format!("user-{}", number % 40),
            Some("2.5"),
            START_MS + number * 1_000,
        ));
        events.push(event(
            "view",
            &format!("user-{}", number % 40),
            None,
            START_MS + number * 1_000,
        ));
    }
    for user in 0..40 {
        events.push(exposure(
            &format!("user-{user}"),
            if user % 2 == 0 { "control" } else { "b" },
            START_MS + user * 60_000,
        ));
        let other = exposure(&format!("user-{user}"), "c", START_MS);
        events.push(Event {
            feature_name: Some("other".to_owned()),
            ..other
        });
    }
    for chunk in events.chunks(4_000) {
        store.append(chunk.to_vec()).await.unwrap();
        store.seal_now().await.unwrap();
    }
    assert_answers(store.reader(), &events, &query()).await;
    store.compact_now().await.unwrap();
    assert_answers(store.reader(), &events, &query()).await;
}

#[tokio::test]
async fn more_names_than_a_footer_holds_are_listed() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let name = |number: i64| format!("event-{number:05}");
    let events: Vec<Event> = (0..5_000)
        .map(|number| event(&name(number), "ann", None, START_MS + number))
        .collect();
    store.append(events).await.unwrap();
    store.seal_now().await.unwrap();
    let names = store
        .reader()
        .event_names(support::ENVIRONMENT, 500)
        .await
        .unwrap();
    assert!(names.is_truncated);
    assert_eq!(names.names, (4_500..5_000).rev().map(name).collect::<Vec<_>>());
    assert_eq!(
        store
            .reader()
            .event_totals(support::ENVIRONMENT)
            .await
            .unwrap()
            .unique_events_count,
        5_000
    );
    assert_eq!(
        store
            .reader()
            .event_totals("nobody")
            .await
            .unwrap()
            .total_events_received,
        0
    );
}

#[tokio::test]
async fn hostile_variants_are_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    for batch in 0..18 {
        let huge = |number: i64| format!("{batch}-{number}-{}", "x".repeat(100_000));
        let events = (0..10)
            .map(|number| exposure("ann", &huge(number), START_MS + number))
            .collect();
        store.append(events).await.unwrap();
    }
    store.seal_now().await.unwrap();
    let refused = store.reader().exposures(&query()).await.unwrap_err();
    assert!(
        matches!(refused, liftgate_events::EventsError::LimitExceeded { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn plain_metrics_are_reproduced_by_the_plain_statement() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&directory.path().join("events"), manual()).unwrap();
    let metrics = [
        MetricQuery::new(1, "purchase", Aggregation::Sum),
        MetricQuery::new(2, "view", Aggregation::Occurrence),
    ];
    let shown = store.reader().reproduction_sql(&query(), &metrics).await.unwrap();
    let expected = format!(
        r"WITH events AS (
    SELECT event, feature_name, identifier, value, timestamp
    FROM read_parquet('events/parquet/environment=env-A/day=*/part-*.parquet', hive_partitioning = false)
    WHERE environment_key = 'env-A'
        AND timestamp >= epoch_ms({from}) AND timestamp < epoch_ms({until})
),
first_exposures AS (
    SELECT identifier, min(value) AS variant, min(value) <> max(value) AS quarantined, min(timestamp) AS first_exposure
    FROM events
    WHERE event = '$flag_exposure' AND feature_name = 'checkout'
        AND identifier IS NOT NULL AND value IS NOT NULL
    GROUP BY identifier
),
metric_events AS (
    SELECT event, identifier, timestamp,
        CASE WHEN regexp_full_match(value, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') AND isfinite(try_cast(ltrim(value, '+') AS DOUBLE))
            THEN try_cast(ltrim(value, '+') AS DOUBLE) ELSE 0 END AS number
    FROM events
    WHERE event IN ('purchase', 'view')
),
identities AS (
    SELECT e.variant,
        coalesce(sum(m.number) FILTER (WHERE m.event = 'purchase'), 0) AS m0,
        (count(m.event) FILTER (WHERE m.event = 'view') > 0)::DOUBLE AS m1
    FROM first_exposures AS e
    LEFT JOIN metric_events AS m ON m.identifier = e.identifier AND m.timestamp >= e.first_exposure
    WHERE NOT e.quarantined
    GROUP BY e.identifier, e.variant
)
SELECT variant, count(*) AS n,
    sum(m0) AS m0_sum, sum(m0 * m0) AS m0_sum_squares,
    sum(m1) AS m1_sum, sum(m1 * m1) AS m1_sum_squares,
    (SELECT count(*) FROM first_exposures WHERE quarantined) AS quarantined
FROM identities
GROUP BY variant
ORDER BY variant",
        from = query().from_ms,
        until = query().until_ms,
    );
    assert_eq!(shown.sql, expected);
}
