//! The numbers of each day in their plainest form, to compare with.

use std::collections::BTreeMap;

use liftgate_events::{
    Event, EventReader, ExposureQuery, MetricKind, MetricStatistics, SecondStatistics, SettledMetric,
    VariantStatistics,
};

use super::DAY_MS;
use super::model::{Identity, assert_close, cap, distinct, identities, metrics, number_of};

/// The variants that are asked for; nobody saw the last one, and others were seen.
pub const VARIANTS: [&str; 3] = ["control", "treatment", "nobody"];

/// The sums of the identities that `times` gives a time for: that of the first number, and that of the second.
pub(super) fn part(
    metric: &SettledMetric,
    events: &[&Event],
    identities: &BTreeMap<String, Identity>,
    query: &ExposureQuery,
    times: impl Fn(&Identity) -> Option<[(i64, i64); 2]>,
) -> BTreeMap<String, VariantStatistics> {
    let second = match &metric.query.kind {
        MetricKind::Plain | MetricKind::Quantile(_) => None,
        MetricKind::Ratio { denominator, .. } => Some(denominator),
        MetricKind::Covariate { .. } => Some(&metric.query.measure),
    };
    let nothing = VariantStatistics {
        second: second.map(|_| SecondStatistics::default()),
        ..VariantStatistics::default()
    };
    let mut variants: BTreeMap<String, VariantStatistics> = VARIANTS
        .iter()
        .map(|variant| ((*variant).to_owned(), nothing))
        .collect();
    for (identifier, identity) in identities {
        let [variant] = &Vec::from_iter(&identity.variants)[..] else {
            continue;
        };
        let (Some(sums), Some([of_first, of_second])) = (variants.get_mut(variant.as_str()), times(identity))
        else {
            continue;
        };
        let first = number_of(events, identifier, &metric.query.measure, query, of_first);
        let number = cap(first, metric.thresholds);
        sums.n += 1;
        sums.sum += number;
        sums.sum_squares += number * number;
        sums.n_capped += u64::from((number - first).abs() > 0.0);
        if let (Some(sums), Some(measure)) = (&mut sums.second, second) {
            let second = number_of(events, identifier, measure, query, of_second);
            let beside = cap(second, metric.second_thresholds);
            sums.sum += beside;
            sums.sum_squares += beside * beside;
            sums.cross += number * beside;
            sums.n_capped += u64::from((beside - second).abs() > 0.0);
        }
    }
    variants
}

/// The time of a second number: before the exposure for a covariate, else that of the first.
fn of_second(metric: &SettledMetric, identity: &Identity, of_first: (i64, i64)) -> (i64, i64) {
    match metric.query.kind {
        MetricKind::Covariate { look_back_ms } => (identity.first_ms - look_back_ms, identity.first_ms),
        _ => of_first,
    }
}

/// Asks for the numbers of every day and compares with the plain computation over `events`.
pub async fn assert_days(store: &impl EventReader, events: &[Event], query: &ExposureQuery) {
    let events = distinct(events);
    let identities = identities(&events, query);
    let metrics = metrics();
    let totals = store.sufficient_statistics(query, &metrics).await.unwrap();
    let settled: Vec<SettledMetric> = metrics
        .iter()
        .zip(&totals.metrics)
        .map(|(metric, found)| SettledMetric::new(metric, found))
        .collect();
    let variants = VARIANTS.map(str::to_owned);
    let answer = store.daily_statistics(query, &variants, &settled).await.unwrap();

    let first_day = query.from_ms - query.from_ms % DAY_MS;
    let day = usize::try_from(DAY_MS).unwrap();
    let starts: Vec<i64> = if query.from_ms < query.until_ms {
        (first_day..query.until_ms).step_by(day).collect()
    } else {
        Vec::new()
    };
    let found: Vec<i64> = answer.days.iter().map(|day| day.day_ms).collect();
    assert_eq!(found, starts);
    for day in &answer.days {
        let end = (day.day_ms + DAY_MS).min(query.until_ms);
        assert_eq!(day.is_complete, day.day_ms + DAY_MS <= query.until_ms);
        for variant in VARIANTS {
            let new = identities.values().filter(|identity| {
                identity.variants.len() == 1
                    && identity.variants.contains(variant)
                    && (day.day_ms..end).contains(&identity.first_ms)
            });
            assert_eq!(day.new_identities[variant], new.count() as u64);
        }
        for ((metric, cumulative), daily) in settled.iter().zip(&day.cumulative).zip(&day.daily) {
            let expected = part(metric, &events, &identities, query, |identity| {
                let of_first = match metric.query.window {
                    _ if identity.first_ms >= end => return None,
                    Some(window) if identity.first_ms + window.until_ms > end => return None,
                    Some(window) => (
                        identity.first_ms + window.from_ms,
                        identity.first_ms + window.until_ms,
                    ),
                    None => (identity.first_ms, end),
                };
                Some([of_first, of_second(metric, identity, of_first)])
            });
            assert_part(cumulative, metric, &expected);
            assert_eq!(daily.is_none(), metric.query.window.is_some());
            if let Some(daily) = daily {
                let expected = part(metric, &events, &identities, query, |identity| {
                    let of_first = (day.day_ms, end);
                    (identity.first_ms < day.day_ms)
                        .then(|| [of_first, of_second(metric, identity, of_first)])
                });
                assert_part(daily, metric, &expected);
            }
        }
    }
    // The last day ends with the numbers of the whole.
    if let Some(last) = answer.days.last() {
        for (found, whole) in last.cumulative.iter().zip(&totals.metrics) {
            for (variant, whole) in &whole.variants {
                if let Some(found) = found.variants.get(variant) {
                    // A part has no quantiles.
                    let whole = VariantStatistics {
                        quantile: None,
                        ..*whole
                    };
                    assert_eq!(*found, whole);
                }
            }
        }
    }
}

/// Compares the numbers of a part.
#[track_caller]
pub fn assert_part(
    found: &MetricStatistics,
    metric: &SettledMetric,
    expected: &BTreeMap<String, VariantStatistics>,
) {
    assert_eq!(found.metric_id, metric.query.metric_id);
    assert!(found.variants.keys().eq(expected.keys()));
    for (variant, expected) in expected {
        let found = found.variants[variant];
        assert_eq!((found.n, found.n_capped), (expected.n, expected.n_capped));
        assert_close(found.sum, expected.sum);
        assert_close(found.sum_squares, expected.sum_squares);
        assert_eq!(found.second.is_some(), expected.second.is_some());
        if let (Some(found), Some(expected)) = (found.second, expected.second) {
            assert_eq!(found.n_capped, expected.n_capped);
            assert_close(found.sum, expected.sum);
            assert_close(found.sum_squares, expected.sum_squares);
            assert_close(found.cross, expected.cross);
        }
    }
}
