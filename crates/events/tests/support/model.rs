//! The analysis in its plainest form, straight from the contract (admin-api section 7.8), to compare with.

use std::collections::{BTreeMap, BTreeSet};

use liftgate_events::{
    Aggregation, Cap, CapAt, ClusterSums, Event, EventFilter, EventReader, ExposureQuery, ExposureWindow,
    Granularity, Measure, MetadataValue, MetricKind, MetricQuery, MetricStatistics, Quantile, QuantileOf,
    QuantileStatistics, RatioBefore, SecondStatistics, Thresholds, VariantStatistics,
};
use liftgate_stats::{SignificanceLevel, normal, quantile_ranks};

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

/// Every aggregation, some of them over the same event, and every kind of metric.
pub fn metrics() -> Vec<MetricQuery> {
    let metric = MetricQuery::new;
    let mut metrics = vec![
        metric(4, "purchase", Aggregation::Sum),
        metric(2, "purchase", Aggregation::Mean),
        metric(9, "view", Aggregation::Count),
        metric(7, "purchase", Aggregation::Occurrence),
        metric(8, "$flag_exposure", Aggregation::Count),
        metric(1, "nothing", Aggregation::Mean),
    ];
    metrics.extend(richer_metrics("purchase", "view"));
    metrics
}

/// Metrics of every kind over two events.
pub fn richer_metrics(event: &str, other: &str) -> Vec<MetricQuery> {
    let metric = MetricQuery::new;
    let above_two = EventFilter {
        min_value: Some(2.0),
        max_value: Some(1e6),
        ..EventFilter::default()
    };
    let marked = EventFilter {
        metadata: BTreeMap::from([
            ("n".to_owned(), MetadataValue::Text("1".to_owned())),
            ("it's/~".to_owned(), MetadataValue::Boolean(true)),
        ]),
        ..EventFilter::default()
    };
    let filtered = |event: &str, aggregation, filter: &EventFilter| Measure {
        filter: filter.clone(),
        ..Measure::new(event, aggregation)
    };
    let covariate = |look_back_ms| MetricKind::Covariate { look_back_ms };
    let shares = Cap {
        lower: Some(CapAt::Share(0.25)),
        upper: Some(CapAt::Share(0.8)),
    };
    let values = Cap {
        lower: Some(CapAt::Value(2.75)),
        upper: Some(CapAt::Value(4.5)),
    };
    let capped = |event: &str, aggregation, cap| Measure {
        cap,
        ..Measure::new(event, aggregation)
    };
    let days = |from: i64, until: i64| {
        Some(ExposureWindow {
            from_ms: from * DAY_MS,
            until_ms: until * DAY_MS,
        })
    };
    let quantile = |level, of, ignore_zeros| {
        MetricKind::Quantile(Quantile {
            level,
            z: normal::two_sided_quantile(quantile_alpha()),
            of,
            ignore_zeros,
        })
    };
    vec![
        MetricQuery {
            kind: quantile(0.5, QuantileOf::Identities, false),
            ..metric(30, other, Aggregation::Count)
        },
        MetricQuery {
            kind: quantile(0.7, QuantileOf::Identities, true),
            window: days(0, 2),
            ..metric(31, event, Aggregation::Mean)
        },
        MetricQuery {
            kind: quantile(0.75, QuantileOf::Events, false),
            ..metric(32, event, Aggregation::Sum)
        },
        MetricQuery {
            measure: filtered(event, Aggregation::Sum, &marked),
            kind: quantile(0.4, QuantileOf::Events, true),
            window: days(0, 3),
            ..metric(33, event, Aggregation::Sum)
        },
        MetricQuery {
            kind: quantile(0.5, QuantileOf::Events, true),
            ..metric(34, other, Aggregation::Sum)
        },
        MetricQuery {
            kind: covariate(DAY_MS),
            ..metric(20, event, Aggregation::Sum)
        },
        MetricQuery {
            kind: covariate(3 * DAY_MS),
            ..metric(21, event, Aggregation::Mean)
        },
        MetricQuery {
            kind: MetricKind::Ratio {
                denominator: Measure::new(event, Aggregation::Count),
                look_back_ms: None,
            },
            ..metric(22, event, Aggregation::Sum)
        },
        MetricQuery {
            measure: filtered(event, Aggregation::Count, &above_two),
            window: days(0, 2),
            kind: MetricKind::Ratio {
                denominator: filtered(other, Aggregation::Count, &marked),
                look_back_ms: None,
            },
            ..metric(23, event, Aggregation::Count)
        },
        MetricQuery {
            measure: capped(event, Aggregation::Sum, shares),
            kind: covariate(2 * DAY_MS),
            ..metric(24, event, Aggregation::Sum)
        },
        MetricQuery {
            measure: capped(event, Aggregation::Sum, values),
            kind: MetricKind::Ratio {
                denominator: capped(other, Aggregation::Count, shares),
                look_back_ms: None,
            },
            ..metric(25, event, Aggregation::Sum)
        },
        MetricQuery {
            kind: MetricKind::Ratio {
                denominator: Measure::new(other, Aggregation::Occurrence),
                look_back_ms: Some(2 * DAY_MS),
            },
            ..metric(28, event, Aggregation::Sum)
        },
        MetricQuery {
            measure: capped(event, Aggregation::Sum, values),
            window: days(0, 2),
            kind: MetricKind::Ratio {
                denominator: Measure {
                    filter: marked.clone(),
                    ..capped(other, Aggregation::Count, shares)
                },
                look_back_ms: Some(3 * DAY_MS),
            },
            ..metric(29, event, Aggregation::Sum)
        },
        MetricQuery {
            window: days(1, 3),
            ..metric(26, other, Aggregation::Occurrence)
        },
        MetricQuery {
            measure: Measure {
                filter: marked,
                ..capped(other, Aggregation::Count, shares)
            },
            window: days(0, 1),
            ..metric(27, other, Aggregation::Count)
        },
    ]
}

/// The level of the intervals around quantiles: one at which few numbers have one.
fn quantile_alpha() -> SignificanceLevel {
    SignificanceLevel::new(0.5).unwrap()
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

#[derive(Clone)]
pub(super) struct Identity {
    pub variants: BTreeSet<String>,
    pub first_ms: i64,
}

pub(super) fn identities(events: &[&Event], query: &ExposureQuery) -> BTreeMap<String, Identity> {
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

/// The number of an identity between two milliseconds, the second of them outside, before any cap.
pub(super) fn number_of(
    events: &[&Event],
    identifier: &str,
    measure: &Measure,
    query: &ExposureQuery,
    time: (i64, i64),
) -> f64 {
    of_identity(
        &values_of(events, identifier, measure, query, time),
        measure.aggregation,
    )
}

/// The values of its events that count.
fn values_of(
    events: &[&Event],
    identifier: &str,
    measure: &Measure,
    query: &ExposureQuery,
    (from_ms, until_ms): (i64, i64),
) -> Vec<f64> {
    events
        .iter()
        .filter(|event| event.environment_key == query.environment_key && event.event == measure.event)
        .filter(|event| event.identifier.as_deref() == Some(identifier))
        .filter(|event| (from_ms..until_ms).contains(&event.timestamp_ms))
        .filter(|event| admits(&measure.filter, event))
        .map(|event| number(event))
        .collect()
}

fn admits(filter: &EventFilter, event: &Event) -> bool {
    let number = number(event);
    let metadata: serde_json::Value = serde_json::from_str(&event.metadata).unwrap_or_default();
    number >= filter.min_value.unwrap_or(f64::MIN)
        && number <= filter.max_value.unwrap_or(f64::MAX)
        && filter.metadata.iter().all(|(key, wanted)| match wanted {
            MetadataValue::Text(text) => metadata[key] == text.as_str(),
            MetadataValue::Boolean(flag) => metadata[key] == *flag,
        })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test has few identities"
)]
fn thresholds(cap: Cap, numbers: impl Iterator<Item = f64>) -> Thresholds {
    let mut sorted: Vec<f64> = numbers.filter(|number| *number != 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |at: Option<CapAt>| match at? {
        CapAt::Value(value) => Some(value),
        CapAt::Share(share) => {
            let position = share * (sorted.len().checked_sub(1)? as f64);
            let below = sorted[position.floor() as usize];
            let above = sorted[position.ceil() as usize];
            Some(below + (above - below) * position.fract())
        }
    };
    Thresholds {
        lower: at(cap.lower),
        upper: at(cap.upper),
    }
}

/// The quantile of a variant whose identities have these numbers and whose events have these values, with the ranks of the
/// statistics.
#[expect(clippy::cast_precision_loss, reason = "a test has few events")]
fn quantile(
    asked: &Quantile,
    numbers: impl Iterator<Item = f64>,
    values: &[&[f64]],
) -> Option<QuantileStatistics> {
    let counts = |number: &f64| !asked.ignore_zeros || *number != 0.0;
    let mut sorted: Vec<f64> = match asked.of {
        QuantileOf::Identities => numbers.filter(counts).collect(),
        QuantileOf::Events => values
            .iter()
            .flat_map(|values| values.iter().copied())
            .filter(counts)
            .collect(),
    };
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as u64;
    let ranks = quantile_ranks(n, asked.level, quantile_alpha()).ok()?;
    let at = |rank: u64| sorted[usize::try_from(rank).unwrap() - 1];
    let quantile = at(ranks.rank);
    let mut clusters = ClusterSums::default();
    for values in values {
        let counted = || values.iter().filter(|value| counts(value));
        let count = counted().count() as f64;
        let indicator = counted().filter(|value| **value <= quantile).count() as f64;
        clusters.indicator_sum += indicator;
        clusters.indicator_sum_squares += indicator * indicator;
        clusters.count_sum += count;
        clusters.count_sum_squares += count * count;
        clusters.cross += indicator * count;
    }
    Some(QuantileStatistics {
        n,
        quantile,
        ends: ranks.outer.map(|(low, high)| [at(low), at(high)]),
        clusters: (asked.of == QuantileOf::Events).then_some(clusters),
    })
}

fn assert_same_before(answer: RatioBefore, expected: RatioBefore) {
    assert_eq!(answer.n_capped, expected.n_capped);
    let numbers = |of: RatioBefore| {
        [
            of.sums,
            of.sums_squares,
            of.products[0],
            of.products[1],
            [of.cross, 0.0],
        ]
        .concat()
    };
    for (answer, expected) in numbers(answer).into_iter().zip(numbers(expected)) {
        assert_close(answer, expected);
    }
}

fn assert_same_quantile(answer: QuantileStatistics, expected: QuantileStatistics) {
    assert_eq!((answer.n, answer.clusters), (expected.n, expected.clusters));
    assert_close(answer.quantile, expected.quantile);
    assert_eq!(answer.ends.is_some(), expected.ends.is_some());
    for (answer, expected) in answer
        .ends
        .into_iter()
        .flatten()
        .zip(expected.ends.into_iter().flatten())
    {
        assert_close(answer, expected);
    }
}

pub(super) fn cap(number: f64, thresholds: Thresholds) -> f64 {
    if number == 0.0 {
        return 0.0;
    }
    let raised = number.max(thresholds.lower.unwrap_or(f64::MIN));
    raised.min(thresholds.upper.unwrap_or(f64::MAX))
}

/// What the numbers of a metric should be.
fn expected(
    metric: &MetricQuery,
    events: &[&Event],
    identities: &BTreeMap<String, Identity>,
    query: &ExposureQuery,
) -> MetricStatistics {
    let mut rows: Vec<(&str, f64, Option<f64>)> = Vec::new();
    let mut values: Vec<(&str, Vec<f64>)> = Vec::new();
    let mut rows_before: Vec<[f64; 2]> = Vec::new();
    let look_back_ms = match metric.kind {
        MetricKind::Ratio { look_back_ms, .. } => look_back_ms,
        _ => None,
    };
    let mut variants: BTreeMap<String, VariantStatistics> = BTreeMap::new();
    let second = match &metric.kind {
        MetricKind::Plain | MetricKind::Quantile(_) => None,
        MetricKind::Ratio { denominator, .. } => Some(denominator),
        MetricKind::Covariate { .. } => Some(&metric.measure),
    };
    for (identifier, identity) in identities {
        let [variant] = &Vec::from_iter(&identity.variants)[..] else {
            continue;
        };
        let of_variant = variants.entry((*variant).clone()).or_default();
        of_variant.second = second.map(|_| SecondStatistics::default());
        of_variant.before = look_back_ms.map(|_| RatioBefore::default());
        let first_ms = identity.first_ms;
        let after = match metric.window {
            Some(window) if first_ms + window.until_ms > query.until_ms => continue,
            Some(window) => (first_ms + window.from_ms, first_ms + window.until_ms),
            None => (first_ms, query.until_ms),
        };
        let time_of_second = match metric.kind {
            MetricKind::Covariate { look_back_ms } => (first_ms - look_back_ms, first_ms),
            MetricKind::Plain | MetricKind::Quantile(_) | MetricKind::Ratio { .. } => after,
        };
        if let (Some(look_back_ms), Some(denominator)) = (look_back_ms, second) {
            let before = (first_ms - look_back_ms, first_ms);
            rows_before.push(
                [&metric.measure, denominator]
                    .map(|measure| number_of(events, identifier, measure, query, before)),
            );
        }
        values.push((
            variant,
            values_of(events, identifier, &metric.measure, query, after),
        ));
        rows.push((
            variant,
            number_of(events, identifier, &metric.measure, query, after),
            second.map(|measure| number_of(events, identifier, measure, query, time_of_second)),
        ));
    }
    if let MetricKind::Quantile(asked) = &metric.kind {
        for (variant, sums) in &mut variants {
            let numbers = rows.iter().filter(|row| row.0 == variant).map(|row| row.1);
            let values: Vec<&[f64]> = values
                .iter()
                .filter(|values| values.0 == variant)
                .map(|values| &values.1[..])
                .collect();
            sums.quantile = quantile(asked, numbers, &values);
        }
    }
    let of_first = thresholds(metric.measure.cap, rows.iter().map(|row| row.1));
    let cap_of_second = second.map_or(Cap::default(), |measure| measure.cap);
    let of_second = thresholds(cap_of_second, rows.iter().filter_map(|row| row.2));
    let caps = [metric.measure.cap, cap_of_second];
    let before_thresholds = [0, 1].map(|at| {
        if look_back_ms.is_some() {
            thresholds(caps[at], rows_before.iter().map(|row| row[at]))
        } else {
            Thresholds::default()
        }
    });
    for (row, (variant, first, second)) in rows.into_iter().enumerate() {
        let sums = variants.get_mut(variant).unwrap();
        let number = cap(first, of_first);
        sums.n += 1;
        sums.sum += number;
        sums.sum_squares += number * number;
        sums.n_capped += u64::from((number - first).abs() > 0.0);
        if let (Some(sums), Some(second)) = (&mut sums.second, second) {
            let beside = cap(second, of_second);
            sums.sum += beside;
            sums.sum_squares += beside * beside;
            sums.cross += number * beside;
            sums.n_capped += u64::from((beside - second).abs() > 0.0);
        }
        let after = [number, second.map_or(0.0, |second| cap(second, of_second))];
        if let Some(sums) = &mut sums.before {
            let before = [0, 1].map(|at| cap(rows_before[row][at], before_thresholds[at]));
            sums.cross += before[0] * before[1];
            for at in [0, 1] {
                sums.sums[at] += before[at];
                sums.sums_squares[at] += before[at] * before[at];
                sums.n_capped[at] += u64::from((before[at] - rows_before[row][at]).abs() > 0.0);
                for (product, before) in sums.products[at].iter_mut().zip(before) {
                    *product += after[at] * before;
                }
            }
        }
    }
    MetricStatistics {
        metric_id: metric.metric_id,
        thresholds: of_first,
        second_thresholds: of_second,
        before_thresholds,
        variants,
    }
}

fn assert_same_thresholds(answer: Thresholds, expected: Thresholds) {
    for (answer, expected) in [(answer.lower, expected.lower), (answer.upper, expected.upper)] {
        assert_eq!(answer.is_some(), expected.is_some());
        assert_close(answer.unwrap_or_default(), expected.unwrap_or_default());
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
        let expected = expected(metric, &events, &identities, query);
        assert_eq!(answer.metric_id, expected.metric_id);
        assert_same_thresholds(answer.thresholds, expected.thresholds);
        assert_same_thresholds(answer.second_thresholds, expected.second_thresholds);
        for (answer, expected) in answer
            .before_thresholds
            .into_iter()
            .zip(expected.before_thresholds)
        {
            assert_same_thresholds(answer, expected);
        }
        assert_eq!(
            answer.variants.keys().collect::<Vec<_>>(),
            expected.variants.keys().collect::<Vec<_>>()
        );
        for (variant, expected) in expected.variants {
            let answer = answer.variants[&variant];
            assert_eq!((answer.n, answer.n_capped), (expected.n, expected.n_capped));
            assert_close(answer.sum, expected.sum);
            assert_close(answer.sum_squares, expected.sum_squares);
            assert_eq!(answer.before.is_some(), expected.before.is_some());
            if let (Some(answer), Some(expected)) = (answer.before, expected.before) {
                assert_same_before(answer, expected);
            }
            assert_eq!(answer.quantile.is_some(), expected.quantile.is_some());
            if let (Some(answer), Some(expected)) = (answer.quantile, expected.quantile) {
                assert_same_quantile(answer, expected);
            }
            assert_eq!(answer.second.is_some(), expected.second.is_some());
            if let (Some(answer), Some(expected)) = (answer.second, expected.second) {
                assert_eq!(answer.n_capped, expected.n_capped);
                assert_close(answer.sum, expected.sum);
                assert_close(answer.sum_squares, expected.sum_squares);
                assert_close(answer.cross, expected.cross);
            }
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

pub(super) fn assert_close(answer: f64, expected: f64) {
    assert!(
        (answer - expected).abs() <= 1e-9 * expected.abs(),
        "{answer} instead of {expected}"
    );
}
