//! Quantiles of many numbers in little memory, and of many variants.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use liftgate_events::{
    Aggregation, EmbeddedReader, EmbeddedStore, Event, EventReader as _, EventSink as _, MetricKind,
    MetricQuery, Quantile, QuantileOf, QueryOptions,
};
use support::model::query;
use support::{START_MS, event, exposure, manual};

fn quantile(level: f64, of: QuantileOf) -> MetricQuery {
    MetricQuery {
        kind: MetricKind::Quantile(Quantile {
            level,
            z: 2.0,
            of,
            ignore_zeros: false,
        }),
        ..MetricQuery::new(1, "load", Aggregation::Sum)
    }
}

/// The value of one of many events, spread over a wide range with both signs.
fn value(number: u32) -> f64 {
    let spread = number.wrapping_mul(2_654_435_761) % 100_003;
    f64::from(spread) * f64::from(spread) / 64.0 - 1e7
}

#[tokio::test]
async fn more_numbers_than_the_memory_holds_have_exact_quantiles() {
    const EVENTS: u32 = 30_000;
    const IDENTITIES: u32 = 700;
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let name = |number: u32| format!("user-{}", number % IDENTITIES);
    let exposures = (0..IDENTITIES).map(|number| exposure(&name(number), "control", START_MS));
    let mut events: Vec<Event> = exposures.collect();
    events.extend((0..EVENTS).map(|number| {
        let at = START_MS + 1 + i64::from(number);
        event("load", &name(number), Some(&value(number).to_string()), at)
    }));
    for chunk in events.chunks(8_000) {
        store.append(chunk.to_vec()).await.unwrap();
    }
    store.seal_now().await.unwrap();
    drop(store);
    let mut sorted: Vec<f64> = (0..EVENTS).map(value).collect();
    sorted.sort_by(f64::total_cmp);

    let levels = [0.001, 0.5, 0.9];
    let metrics = levels.map(|level| quantile(level, QuantileOf::Events));
    let mut rows_scanned = Vec::new();
    for analysis_memory_bytes in [QueryOptions::default().analysis_memory_bytes, 0] {
        let options = QueryOptions {
            analysis_memory_bytes,
            ..QueryOptions::default()
        };
        let reader = EmbeddedReader::open(directory.path(), options).unwrap();
        let answer = reader.sufficient_statistics(&query(), &metrics).await.unwrap();
        rows_scanned.push(answer.rows_scanned);
        for (metric, at) in answer.metrics.iter().zip([30, 15_000, 27_000]) {
            let found = metric.variants["control"].quantile.unwrap();
            assert_eq!(found.n, u64::from(EVENTS));
            assert_eq!(found.quantile.to_bits(), sorted[at - 1].to_bits());
            let clusters = found.clusters.unwrap();
            assert_eq!(
                (clusters.indicator_sum, clusters.count_sum),
                (rank(at), rank(30_000))
            );
            let [lower, upper] = found.ends.unwrap();
            assert!(lower < found.quantile && found.quantile < upper);
        }
    }
    assert!(
        rows_scanned[1] > rows_scanned[0],
        "with little memory the events are read more often: {rows_scanned:?}"
    );
}

fn rank(at: usize) -> f64 {
    f64::from(u32::try_from(at).unwrap())
}

#[tokio::test]
async fn the_largest_variants_have_quantiles() {
    const VARIANTS: usize = 70;
    const FOUND: usize = 64;
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path(), manual()).unwrap();
    let mut events = Vec::new();
    for number in 0..VARIANTS {
        // The last ten have two identities each, the others one.
        let identities = if number >= VARIANTS - 10 { 2 } else { 1 };
        for identity in 0..identities {
            let name = format!("user-{number}-{identity}");
            events.push(exposure(&name, &format!("v{number:02}"), START_MS));
            events.push(event("load", &name, Some("5"), START_MS + 1));
        }
    }
    store.append(events).await.unwrap();
    for of in [QuantileOf::Identities, QuantileOf::Events] {
        let metrics = [quantile(0.5, of)];
        let answer = store
            .reader()
            .sufficient_statistics(&query(), &metrics)
            .await
            .unwrap();
        let variants = &answer.metrics[0].variants;
        assert_eq!(variants.len(), VARIANTS);
        for (number, numbers) in variants.values().enumerate() {
            let is_among = !(FOUND - 10..VARIANTS - 10).contains(&number);
            assert_eq!(numbers.quantile.is_some(), is_among, "v{number:02}");
            assert_eq!(
                numbers.sum.to_bits(),
                (5.0 * rank(usize::try_from(numbers.n).unwrap())).to_bits()
            );
        }
    }
}
