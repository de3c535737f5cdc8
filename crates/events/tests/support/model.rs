//! The analysis in its plainest form, straight from the contract (admin-api section 7.8), to compare with.

use std::collections::{BTreeMap, BTreeSet};

use liftgate_events::{
    Aggregation, Event, EventReader, ExposureQuery, Granularity, MetricQuery, VariantStatistics,
};

use super::{DAY_MS, ENVIRONMENT, FEATURE, HOUR_MS, START_MS};

/// The whole of the five days in which the tests' events lie.
pub fn query() -> ExposureQuery {
    ExposureQuery {
        environment_key: ENVIRONMENT.to_owned(),
        feature_name: FEATURE.to_owned(),
        from_ms: START_MS,
        until_ms: START_MS + 5 * DAY_MS,
    }
}

/// Every aggregation, two of them over the same event.
pub fn metrics() -> Vec<MetricQuery> {
    let metric = |metric_id, event: &str, aggregation| MetricQuery {
        metric_id,
        event: event.to_owned(),
        aggregation,
    };
    vec![
        metric(4, "purchase", Aggregation::Sum),
        metric(2, "purchase", Aggregation::Mean),
        metric(9, "view", Aggregation::Count),
        metric(7, "purchase", Aggregation::Occurrence),
        metric(8, "$flag_exposure", Aggregation::Count),
        metric(1, "nothing", Aggregation::Mean),
    ]
}

/// The different events: those that agree in what makes an event the same are one.
pub fn distinct(events: &[Event]) -> Vec<&Event> {
    let mut seen = BTreeSet::new();
    events
        .iter()
        .filter(|event| {
            seen.insert((
                &event.environment_key,
                &event.event,
                &event.feature_name,
                &event.identifier,
                &event.value,
                &event.metadata,
                event.timestamp_ms,
            ))
        })
        .collect()
}

struct Identity {
    variants: BTreeSet<String>,
    first_ms: i64,
}

fn identities(events: &[&Event], query: &ExposureQuery) -> BTreeMap<String, Identity> {
    let mut identities: BTreeMap<String, Identity> = BTreeMap::new();
    for event in events {
        let exposes =
            event.event == "$flag_exposure" && event.feature_name.as_ref() == Some(&query.feature_name);
        if !exposes || !in_window(event, query) {
            continue;
        }
        if let (Some(identifier), Some(variant)) = (&event.identifier, &event.value) {
            let identity = identities.entry(identifier.clone()).or_insert(Identity {
                variants: BTreeSet::new(),
                first_ms: i64::MAX,
            });
            identity.variants.insert(variant.clone());
            identity.first_ms = identity.first_ms.min(event.timestamp_ms);
        }
    }
    identities
}

fn in_window(event: &Event, query: &ExposureQuery) -> bool {
    event.environment_key == query.environment_key
        && (query.from_ms..query.until_ms).contains(&event.timestamp_ms)
}

fn number(event: &Event) -> f64 {
    match event.value.as_deref() {
        Some("3") => 3.0,
        Some("2.5") => 2.5,
        Some("-1e2") => -100.0,
        _ => 0.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a test has few events")]
fn of_identity(events: &[f64], aggregation: Aggregation) -> f64 {
    let count = events.len() as f64;
    match aggregation {
        Aggregation::Count => count,
        Aggregation::Occurrence => f64::from(u8::from(!events.is_empty())),
        Aggregation::Sum => events.iter().sum(),
        Aggregation::Mean if events.is_empty() => 0.0,
        Aggregation::Mean => events.iter().sum::<f64>() / count,
    }
}

/// Asks the store everything and compares with the plain computation over `events`.
pub async fn assert_answers(store: &impl EventReader, events: &[Event], query: &ExposureQuery) {
    let events = distinct(events);
    let identities = identities(&events, query);
    let quarantined = identities
        .values()
        .filter(|identity| identity.variants.len() > 1)
        .count() as u64;

    let metrics = metrics();
    let answer = store.sufficient_statistics(query, &metrics).await.unwrap();
    assert_eq!(answer.quarantined_identities, quarantined);
    for (metric, answer) in metrics.iter().zip(&answer.metrics) {
        assert_eq!(answer.metric_id, metric.metric_id);
        let mut expected: BTreeMap<String, VariantStatistics> = BTreeMap::new();
        for (identifier, identity) in identities
            .iter()
            .filter(|(_, identity)| identity.variants.len() == 1)
        {
            let counted: Vec<f64> = events
                .iter()
                .filter(|event| event.event == metric.event && event.identifier.as_ref() == Some(identifier))
                .filter(|event| in_window(event, query) && event.timestamp_ms >= identity.first_ms)
                .map(|event| number(event))
                .collect();
            let number = of_identity(&counted, metric.aggregation);
            let variant = expected
                .entry(identity.variants.first().unwrap().clone())
                .or_default();
            variant.n += 1;
            variant.sum += number;
            variant.sum_squares += number * number;
        }
        assert_eq!(
            answer.variants.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>()
        );
        for (variant, expected) in expected {
            let answer = answer.variants[&variant];
            assert_eq!(answer.n, expected.n);
            assert_close(answer.sum, expected.sum);
            assert_close(answer.sum_squares, expected.sum_squares);
        }
    }

    assert_exposures(store, &identities, query, quarantined).await;
    assert_names(store, &events, query).await;
}

async fn assert_exposures(
    store: &impl EventReader,
    identities: &BTreeMap<String, Identity>,
    query: &ExposureQuery,
    quarantined: u64,
) {
    let answer = store.exposures(query).await.unwrap();
    assert_eq!(answer.excluded_identities, quarantined);
    let hourly = query.until_ms - query.from_ms <= 72 * HOUR_MS;
    assert_eq!(
        answer.granularity,
        if hourly {
            Granularity::Hour
        } else {
            Granularity::Day
        }
    );
    let width_ms = if hourly { HOUR_MS } else { DAY_MS };
    let mut expected: BTreeMap<i64, BTreeMap<String, u64>> = BTreeMap::new();
    for identity in identities
        .values()
        .filter(|identity| identity.variants.len() == 1)
    {
        let bucket_ms = identity.first_ms - identity.first_ms % width_ms;
        let variant = identity.variants.first().unwrap().clone();
        *expected.entry(bucket_ms).or_default().entry(variant).or_default() += 1;
    }
    let points = answer
        .points
        .into_iter()
        .map(|point| (point.bucket_ms, point.new_identities));
    assert_eq!(
        points.collect::<Vec<_>>(),
        expected.into_iter().collect::<Vec<_>>()
    );
}

async fn assert_names(store: &impl EventReader, events: &[&Event], query: &ExposureQuery) {
    let mut latest: BTreeMap<&str, i64> = BTreeMap::new();
    let mut total = 0;
    for event in events
        .iter()
        .filter(|event| event.environment_key == query.environment_key)
    {
        total += 1;
        let latest = latest.entry(event.event.as_str()).or_insert(event.timestamp_ms);
        *latest = event.timestamp_ms.max(*latest);
    }
    let totals = store.event_totals(&query.environment_key).await.unwrap();
    assert_eq!(
        (totals.total_events_received, totals.unique_events_count),
        (total, latest.len() as u64)
    );
    let mut expected: Vec<(&str, i64)> = latest.into_iter().collect();
    expected.sort_by_key(|&(name, latest_ms)| (std::cmp::Reverse(latest_ms), name));
    let expected: Vec<&str> = expected.into_iter().map(|(name, _)| name).collect();
    let names = store.event_names(&query.environment_key, 2).await.unwrap();
    assert_eq!(names.names, expected.iter().copied().take(2).collect::<Vec<_>>());
    assert_eq!(names.is_truncated, expected.len() > 2);
}

fn assert_close(answer: f64, expected: f64) {
    assert!(
        (answer - expected).abs() <= 1e-9 * expected.abs(),
        "{answer} instead of {expected}"
    );
}
