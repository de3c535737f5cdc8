//! An independent oracle: the SQL that is shown beside a result, run by DuckDB on the store's files, gives the same
//! numbers. Needs `LIFTGATE_PYTHON` to name a Python that has the `duckdb` package.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use liftgate_events::{
    Aggregation, EmbeddedStore, Event, EventReader as _, EventSink as _, ExposureQuery, MetricKind,
    MetricQuery, MetricStatistics, QuantileStatistics,
};
use support::model::richer_metrics;
use support::{DAY_MS, HOUR_MS, START_MS, event, exposure, manual};

const VALUES: [Option<&str>; 26] = [
    None,
    Some("3"),
    Some("2.5"),
    Some("-1e2"),
    Some("+7"),
    Some(".5"),
    Some("5."),
    Some("007"),
    Some("1E-3"),
    Some("0.1"),
    Some(""),
    Some(" 1"),
    Some("1 "),
    Some("abc"),
    Some("True"),
    Some("inf"),
    Some("-Infinity"),
    Some("nan"),
    Some("0x10"),
    Some("1_000"),
    Some("1,5"),
    Some("1e400"),
    Some("1e"),
    Some("+-1"),
    Some("++1"),
    Some("1e308"),
];

const METADATA: [&str; 7] = [
    "",
    "{}",
    r#"{"n":"1","it's/~":true}"#,
    r#"{"n":"1","it's/~":"true"}"#,
    r#"{"n":1,"it's/~":true}"#,
    r#"{"it's/~":true,"n":"1","more":[1,{"n":"2"}]}"#,
    "null",
];

fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..3_000_i64 {
        let user = format!("user-{}", number % 211);
        let at = START_MS + (number * 7_919 % 5_000) * 86_400;
        match number % 4 {
            0 => events.push(exposure(
                &user,
                ["control", "it's"][usize::try_from(number % 211).unwrap() % 2],
                at,
            )),
            1 if number % 13 == 1 => events.push(exposure(&user, "other", at)),
            _ => {
                // The largest number would make sums of squares overflow.
                let value = VALUES[usize::try_from(number).unwrap() % (VALUES.len() - 1)];
                let name = ["purchase", "view's"][usize::try_from(number % 3).unwrap() % 2];
                let metadata = METADATA[usize::try_from(number / 3).unwrap() % METADATA.len()].to_owned();
                events.push(Event {
                    metadata,
                    ..event(name, &user, value, at)
                });
            }
        }
    }
    events.push(Event {
        identifier: None,
        ..exposure("x", "control", START_MS)
    });
    events.push(Event {
        value: None,
        ..exposure("x", "control", START_MS)
    });
    events.push(Event {
        identifier: None,
        ..event("purchase", "x", Some("5"), START_MS)
    });
    events.push(Event {
        feature_name: Some("z".to_owned()),
        ..event("purchase", "user-0", Some("5"), START_MS + DAY_MS)
    });
    events
}

#[tokio::test]
async fn duckdb_computes_the_same_numbers_from_the_same_files() {
    let Some(python) = std::env::var_os("LIFTGATE_PYTHON") else {
        println!("skipped: LIFTGATE_PYTHON does not name a Python that has duckdb");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&directory.path().join("it's here"), manual()).unwrap();
    for chunk in events().chunks(700) {
        store.append(chunk.to_vec()).await.unwrap();
        store.append(chunk[..50].to_vec()).await.unwrap();
        store.seal_now().await.unwrap();
    }
    let metric = |event: &str, aggregation| MetricQuery::new(0, event, aggregation);
    let mut metrics = Vec::new();
    for name in ["purchase", "view's", "nothing"] {
        for aggregation in [
            Aggregation::Sum,
            Aggregation::Count,
            Aggregation::Mean,
            Aggregation::Occurrence,
        ] {
            metrics.push(metric(name, aggregation));
        }
    }
    let plain = metrics.len();
    metrics.extend(richer_metrics("purchase", "view's"));
    for (from_ms, until_ms) in [
        (START_MS, START_MS + 6 * DAY_MS),
        (START_MS + DAY_MS + HOUR_MS, START_MS + 2 * DAY_MS + 86_400),
    ] {
        let query = ExposureQuery {
            from_ms,
            until_ms,
            ..support::model::query()
        };
        for metrics in [&metrics[..plain], &metrics[plain..], &metrics[..], &[]] {
            let shown = store.reader().reproduction_sql(&query, metrics).await.unwrap();
            assert!(shown.is_complete);
            let ours = store
                .reader()
                .sufficient_statistics(&query, metrics)
                .await
                .unwrap();
            assert!(ours.quarantined_identities > 0 && ours.identities.len() > 1);
            let theirs = duckdb(&python, directory.path(), &shown.sql);
            let rows = theirs["rows"].as_array().unwrap();
            assert_eq!(rows.len(), ours.identities.len());
            for row in rows {
                let columns = || theirs["columns"].as_array().unwrap().iter();
                let column = |name: &str| columns().position(|column| column == name).unwrap();
                let cell = |name: &str| row[column(name)].as_f64();
                let variant = row[0].as_str().unwrap();
                let count = |name: &str| row[column(name)].as_u64().unwrap();
                assert_eq!(ours.identities[variant], count("n"));
                assert_eq!(ours.quarantined_identities, count("quarantined"));
                for (index, (metric, query)) in ours.metrics.iter().zip(metrics).enumerate() {
                    assert_metric(query, metric, variant, &format!("m{index}"), &|name| {
                        columns().any(|column| column == name).then(|| cell(name))
                    });
                }
            }
        }
    }
    store
        .append(vec![exposure("late", "control", START_MS + DAY_MS)])
        .await
        .unwrap();
    assert!(
        !store
            .reader()
            .reproduction_sql(&support::model::query(), &metrics)
            .await
            .unwrap()
            .is_complete
    );
}

/// Compares one metric and variant; `cell` gives what stands in a column, `None` if there is no such column.
#[expect(clippy::cast_precision_loss, reason = "a test has few identities")]
fn assert_metric(
    query: &MetricQuery,
    metric: &MetricStatistics,
    variant: &str,
    name: &str,
    cell: &dyn Fn(&str) -> Option<Option<f64>>,
) {
    let number = |column: String| {
        cell(&column)
            .flatten()
            .unwrap_or_else(|| panic!("{column} is missing"))
    };
    let ours = metric.variants[variant];
    assert_close(ours.sum, number(format!("{name}_sum")));
    assert_close(ours.sum_squares, number(format!("{name}_sum_squares")));
    if let Some(n) = cell(&format!("{name}_n")).flatten() {
        assert_close(ours.n as f64, n);
    }
    let is_ratio = cell(&format!("{name}_denominator_sum")).is_some();
    let second_name = format!("{name}_{}", if is_ratio { "denominator" } else { "covariate" });
    if let MetricKind::Quantile(_) = query.kind {
        assert_quantile(ours.quantile.as_ref(), name, cell);
    }
    let (numerator, denominator) = (format!("{name}_covariate"), format!("{second_name}_covariate"));
    let mut capped = vec![(name, metric.thresholds, ours.n_capped)];
    if let Some(second) = ours.second {
        assert_close(second.sum, number(format!("{second_name}_sum")));
        assert_close(second.sum_squares, number(format!("{second_name}_sum_squares")));
        assert_close(second.cross, number(format!("{name}_cross")));
        capped.push((&second_name, metric.second_thresholds, second.n_capped));
    }
    if let Some(before) = ours.before {
        for (at, covariate) in [&numerator, &denominator].into_iter().enumerate() {
            assert_close(before.sums[at], number(format!("{covariate}_sum")));
            assert_close(
                before.sums_squares[at],
                number(format!("{covariate}_sum_squares")),
            );
            capped.push((covariate, metric.before_thresholds[at], before.n_capped[at]));
        }
        assert_close(before.cross, number(format!("{numerator}_cross")));
        for (products, after) in before.products.into_iter().zip([name, &second_name]) {
            for (product, of) in products.into_iter().zip(["numerator", "denominator"]) {
                assert_close(product, number(format!("{after}_cross_before_{of}")));
            }
        }
    }
    for (name, thresholds, n_capped) in capped {
        for (side, threshold) in [("lower", thresholds.lower), ("upper", thresholds.upper)] {
            if let Some(threshold) = threshold {
                assert_close(threshold, number(format!("{name}_{side}_threshold")));
                assert_close(n_capped as f64, number(format!("{name}_n_capped")));
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a test has few events")]
fn assert_quantile(
    ours: Option<&QuantileStatistics>,
    name: &str,
    cell: &dyn Fn(&str) -> Option<Option<f64>>,
) {
    let theirs = |column: &str| {
        cell(&format!("{name}_{column}")).unwrap_or_else(|| panic!("{name}_{column} is missing"))
    };
    assert_eq!(theirs("quantile_n"), Some(ours.map_or(0.0, |ours| ours.n as f64)));
    assert_eq!(theirs("quantile"), ours.map(|ours| ours.quantile));
    let ends = ours.and_then(|ours| ours.ends);
    assert_eq!(theirs("quantile_lower"), ends.map(|[lower, _]| lower));
    assert_eq!(theirs("quantile_upper"), ends.map(|[_, upper]| upper));
    if let Some(clusters) = ours.and_then(|ours| ours.clusters) {
        for (ours, column) in [
            (clusters.indicator_sum, "indicator_sum"),
            (clusters.indicator_sum_squares, "indicator_sum_squares"),
            (clusters.count_sum, "count_sum"),
            (clusters.count_sum_squares, "count_sum_squares"),
            (clusters.cross, "quantile_cross"),
        ] {
            assert_eq!(theirs(column), Some(ours));
        }
    }
}

/// Runs SQL in the directory that the store's directory lies in.
fn duckdb(python: &std::ffi::OsStr, directory: &Path, sql: &str) -> serde_json::Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/duckdb_oracle.py");
    let mut child = Command::new(python)
        .arg(script)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "DuckDB refuses:\n{sql}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn assert_close(ours: f64, theirs: f64) {
    assert!(
        (ours - theirs).abs() <= 1e-9 * theirs.abs(),
        "{ours} here, {theirs} there"
    );
}
