//! The numbers by dimension in their plainest form, to compare with.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use liftgate_events::{Event, EventReader, ExposureQuery, Level, MAX_LEVELS, MetricKind, SettledMetric};
use serde_json::Value;

use super::daily_model::{VARIANTS, assert_part, part};
use super::model::{Identity, distinct, identities, metrics};

fn member(event: &Event, name: &str) -> Level {
    let of = |json: &str| match &serde_json::from_str::<Value>(json).unwrap_or_default()[name] {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match of(&event.metadata).or_else(|| of(&event.traits)) {
        Some(text) if text.chars().count() > 255 => Level::Other,
        Some(text) => Level::Value(text),
        None => Level::Missing,
    }
}

/// Where a level stands among those of the same millisecond.
fn rank(level: &Level) -> (u8, &str) {
    match level {
        Level::Value(text) => (0, text),
        Level::Other => (1, ""),
        Level::Missing => (2, ""),
    }
}

/// The level of each identity.
fn levels<'a>(
    events: &[&Event],
    identities: &'a BTreeMap<String, Identity>,
    query: &ExposureQuery,
    name: &str,
) -> BTreeMap<&'a str, Level> {
    let of = |identifier: &str, identity: &Identity| {
        let mut found: Vec<Level> = events
            .iter()
            .filter(|event| event.environment_key == query.environment_key)
            .filter(|event| event.event == "$flag_exposure" && event.value.is_some())
            .filter(|event| event.feature_name.as_ref() == Some(&query.feature_name))
            .filter(|event| event.identifier.as_deref() == Some(identifier))
            .filter(|event| event.timestamp_ms == identity.first_ms)
            .map(|event| member(event, name))
            .collect();
        found.sort_by(|one, other| rank(one).cmp(&rank(other)));
        found.swap_remove(0)
    };
    identities
        .iter()
        .map(|(identifier, identity)| (identifier.as_str(), of(identifier, identity)))
        .collect()
}

/// Asks for the numbers of every level and compares with the plain computation over `events`.
pub async fn assert_dimensions(
    store: &impl EventReader,
    events: &[Event],
    query: &ExposureQuery,
    names: &[&str],
) {
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
    let dimensions: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let answer = store
        .dimension_statistics(query, &dimensions, &variants, &settled)
        .await
        .unwrap();
    assert!(answer.dimensions.iter().map(|found| &found.name).eq(&dimensions));
    for found in &answer.dimensions {
        let levels = levels(&events, &identities, query, &found.name);
        let mut members: BTreeMap<(u8, &str), BTreeMap<&str, u64>> = BTreeMap::new();
        for (identifier, identity) in &identities {
            let [variant] = &Vec::from_iter(&identity.variants)[..] else {
                continue;
            };
            if VARIANTS.contains(&variant.as_str()) {
                let counts = members.entry(rank(&levels[identifier.as_str()])).or_default();
                *counts.entry(variant).or_default() += 1;
            }
        }
        let size = |key: &(u8, &str)| members[key].values().sum::<u64>();
        let mut values: Vec<(u8, &str)> = members.keys().copied().filter(|key| key.0 == 0).collect();
        values.sort_by_key(|key| (Reverse(size(key)), *key));
        values.truncate(MAX_LEVELS);
        let slot = |level: &Level| match level {
            Level::Value(text) if !values.contains(&(0, text)) => Level::Other,
            level => level.clone(),
        };
        let mut expected: Vec<Level> = values.iter().map(|key| Level::Value(key.1.to_owned())).collect();
        for last in [Level::Missing, Level::Other] {
            let is_there = members.keys().any(|key| {
                let level = match key {
                    (0, text) => Level::Value((*text).to_owned()),
                    (1, _) => Level::Other,
                    _ => Level::Missing,
                };
                slot(&level) == last
            });
            expected.extend(is_there.then_some(last));
        }
        assert!(found.levels.iter().map(|level| &level.level).eq(&expected));
        for level in &found.levels {
            let is_in = |identifier: &str| slot(&levels[identifier]) == level.level;
            let part_of: BTreeMap<String, Identity> = identities
                .iter()
                .filter(|(identifier, _)| is_in(identifier))
                .map(|(identifier, identity)| (identifier.clone(), identity.clone()))
                .collect();
            for variant in VARIANTS {
                let count = part_of
                    .values()
                    .filter(|identity| identity.variants.iter().eq([variant]))
                    .count();
                assert_eq!(level.identities[variant], count as u64);
            }
            for (metric, found) in settled.iter().zip(&level.metrics) {
                let expected = part(metric, &events, &part_of, query, |identity| {
                    let first_ms = identity.first_ms;
                    let after = match metric.query.window {
                        Some(window) if first_ms + window.until_ms > query.until_ms => return None,
                        Some(window) => (first_ms + window.from_ms, first_ms + window.until_ms),
                        None => (first_ms, query.until_ms),
                    };
                    let of_second = match metric.query.kind {
                        MetricKind::Covariate { look_back_ms } => (first_ms - look_back_ms, first_ms),
                        _ => after,
                    };
                    Some([after, of_second])
                });
                assert_part(found, metric, &expected);
            }
        }
    }
}
