//! Ratios with a covariate: from their definition to what the results say (docs/metrics.md).

use super::metric_kinds::{IDENTITIES, assert_close, number, purchases, results};
use serde_json::{Value, json};

/// The values that the metric's filter lets through.
const LARGEST: i64 = 100;

/// What an identity adds to the two sums after its exposure, and to the two before.
struct Row {
    after: [f64; 2],
    before: [f64; 2],
}

/// The identities of a variant; one of control came late and did nothing.
fn rows(variant: &str) -> Vec<Row> {
    let first = if variant == "control" { 0 } else { IDENTITIES };
    let sums = |events: &[(i64, i64)], is_before: bool| {
        let counted: Vec<i64> = events
            .iter()
            .filter(|(at, value)| (*at < 0) == is_before && *value <= LARGEST)
            .map(|(_, value)| *value)
            .collect();
        let sum: i64 = counted.iter().sum();
        [number(usize::try_from(sum).unwrap()), number(counted.len())]
    };
    let mut rows: Vec<Row> = (first..first + IDENTITIES)
        .map(|identity| {
            let events = purchases(identity);
            Row {
                after: sums(&events, false),
                before: sums(&events, true),
            }
        })
        .collect();
    if variant == "control" {
        rows.push(Row {
            after: [0.0; 2],
            before: [0.0; 2],
        });
    }
    rows
}

/// A ratio, and what each identity adds to it: `(num - R den)/mean(den)`.
fn linearised(rows: &[Row], of: impl Fn(&Row) -> [f64; 2]) -> (f64, Vec<f64>) {
    let total = |at: usize| -> f64 { rows.iter().map(|row| of(row)[at]).sum() };
    let ratio = total(0) / total(1);
    let mean = total(1) / number(rows.len());
    let parts = rows
        .iter()
        .map(|row| (of(row)[0] - ratio * of(row)[1]) / mean)
        .collect();
    (ratio, parts)
}

/// The covariance of two means whose parts have the mean 0.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = number(a.len());
    let products: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    products / (n - 1.0) / n
}

fn definition(covariate: &Value) -> Value {
    json!({"version": 2, "event": "purchase", "filter": {"max_value": LARGEST}, "covariate": covariate,
        "denominator": {"event": "purchase", "aggregation": "count", "filter": {"max_value": LARGEST}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ratio_is_held_against_the_same_ratio_before() {
    let mut capped = definition(&json!({}));
    capped["cap"] = json!({"upper_value": 6});
    capped["denominator"]["cap"] = json!({"upper_percentile": 50});
    let payload = results(&[
        ("sum", definition(&json!({"look_back_days": 7}))),
        ("sum", definition(&Value::Null)),
        ("sum", capped),
    ])
    .await;
    let [control, treatment] = ["control", "ka"].map(|variant| {
        let rows = rows(variant);
        let after = linearised(&rows, |row| row.after);
        let before = linearised(&rows, |row| row.before);
        (after, before)
    });
    let arms = [&control, &treatment];
    let total = |of: &dyn Fn(&[f64], &[f64]) -> f64| -> f64 {
        arms.iter()
            .map(|((_, after), (_, before))| of(after, before))
            .sum()
    };
    let theta =
        total(&|after, before| covariance(after, before)) / total(&|_, before| covariance(before, before));
    let variance = total(&|after, before| {
        let rest: Vec<f64> = after
            .iter()
            .zip(before)
            .map(|(after, before)| after - theta * before)
            .collect();
        covariance(&rest, &rest)
    });
    let plain = treatment.0.0 - control.0.0;
    let analysis = &payload["metrics"][0]["analysis"]["ka"];
    assert_eq!(analysis["status"], "ok");
    let cuped = &analysis["cuped"];
    assert_close(&cuped["theta"], theta);
    assert_close(
        &analysis["absolute"]["estimate"],
        plain - theta * (treatment.1.0 - control.1.0),
    );
    assert_close(&analysis["absolute"]["standard_error"], variance.sqrt());
    assert_close(&cuped["unadjusted_estimate"], plain);
    assert!(cuped["variance_reduction"].as_f64().unwrap() > 0.5, "{cuped}");

    // Without a covariate, and for older clients, the ratio is what it is.
    let without = &payload["metrics"][1];
    assert_eq!(without["analysis"]["ka"]["cuped"], Value::Null);
    assert_eq!(
        without["analysis"]["ka"]["absolute"]["estimate"],
        cuped["unadjusted_estimate"]
    );
    assert_eq!(
        without["analysis"]["ka"]["absolute"]["standard_error"],
        cuped["unadjusted_standard_error"]
    );
    for known in ["variants", "inference"] {
        assert_eq!(payload["metrics"][0][known], without[known], "{known}");
    }
    let lift = treatment.0.0 / control.0.0 - 1.0;
    assert_close(&without["inference"]["ka"]["lift"], lift);

    // What came before has thresholds of its own.
    let capped = &payload["metrics"][2]["analysis"]["ka"]["winsorised"];
    assert_eq!(capped["covariate"]["upper_threshold"], 6.0);
    assert!(capped["covariate"]["n_capped"].as_u64().unwrap() > 0);
    assert_eq!(capped["denominator_covariate"]["upper_threshold"], 1.0);
    assert_eq!(capped["denominator"]["upper_threshold"], 1.0);
    let sql = payload["engine"]["sql"][0].as_str().unwrap();
    assert!(
        sql.contains("m0_covariate_cross") && sql.contains("m0_denominator_cross_before_numerator"),
        "{sql}"
    );
}
