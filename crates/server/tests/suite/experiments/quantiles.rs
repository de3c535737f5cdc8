//! Quantile metrics: from their definition to what the results say (docs/metrics.md).

use super::metric_kinds::{IDENTITIES, after, assert_close, number, purchases, results};
use serde_json::{Value, json};

/// Standard errors of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// The values after the exposure of each identity of a variant; one of control came late and did nothing.
fn values(variant: &str) -> Vec<Vec<f64>> {
    let (first, late) = match variant {
        "control" => (0, Some(Vec::new())),
        _ => (IDENTITIES, None),
    };
    let all = (first..first + IDENTITIES).map(|identity| after(&purchases(identity)).collect());
    all.chain(late).collect()
}

/// A quantile with its standard error, straight from the contract (statistics, section 10).
struct Expected {
    n: usize,
    quantile: f64,
    ends: [f64; 2],
    standard_error: f64,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks among a few hundred numbers"
)]
fn expected(mut numbers: Vec<f64>, level: f64) -> Expected {
    numbers.sort_by(f64::total_cmp);
    let centre = number(numbers.len()) * level;
    let half_width = Z * (centre * (1.0 - level)).sqrt();
    let at = |rank: f64| numbers[rank as usize - 1];
    let ends = [
        at((centre - half_width).floor()),
        at((centre + half_width).ceil() + 1.0),
    ];
    Expected {
        n: numbers.len(),
        quantile: at(centre.ceil()),
        ends,
        standard_error: (ends[1] - ends[0]) / (2.0 * Z),
    }
}

/// How much wider the variance is because identities have several events, from what each adds to the share that lies at or
/// below the quantile.
fn design_effect(identities: &[Vec<f64>], quantile: f64, level: f64) -> f64 {
    let count = |values: &[f64]| number(values.len());
    let below = |values: &[f64]| number(values.iter().filter(|value| **value <= quantile).count());
    let events: f64 = identities.iter().map(|values| count(values)).sum();
    let share = identities.iter().map(|values| below(values)).sum::<f64>() / events;
    let n = number(identities.len());
    let spread: f64 = identities
        .iter()
        .map(|values| (below(values) - share * count(values)).powi(2))
        .sum();
    let clustered = spread / (n - 1.0) / (events / n).powi(2) / n;
    clustered / (level * (1.0 - level) / events)
}

fn definition(quantile: &Value) -> Value {
    json!({"version": 2, "event": "purchase", "quantile": quantile})
}

#[track_caller]
fn assert_told(metric: &Value, expected: &[(&str, Expected)]) {
    assert_eq!(metric["quantile_source"], "exact");
    for (variant, expected) in expected {
        let told = &metric["quantile"]["variants"][variant];
        assert_eq!(told["n"], expected.n, "{variant}");
        assert_eq!(told["quantile_hat"], expected.quantile, "{variant}");
        assert_eq!(told["lower"], expected.ends[0], "{variant}");
        assert_eq!(told["upper"], expected.ends[1], "{variant}");
        assert_close(&told["standard_error"], expected.standard_error);
    }
    let [(_, control), (_, treatment)] = expected else {
        panic!("there are two variants")
    };
    let absolute = &metric["analysis"]["ka"]["absolute"];
    assert_close(&absolute["estimate"], treatment.quantile - control.quantile);
    assert_close(
        &absolute["standard_error"],
        control.standard_error.hypot(treatment.standard_error),
    );
    // Clients that know the lift only are told that of the quantile.
    assert_close(
        &metric["inference"]["ka"]["lift"],
        treatment.quantile / control.quantile - 1.0,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quantiles_of_identities_are_those_of_their_totals() {
    let payload = results(&[
        ("sum", definition(&json!({"level": 0.5, "of": "identity"}))),
        (
            "sum",
            definition(&json!({"level": 0.8, "of": "identity", "ignore_zeros": true})),
        ),
        ("sum", json!({"version": 1, "event": "purchase"})),
    ])
    .await;
    let totals = |variant| -> Vec<f64> { values(variant).iter().map(|values| values.iter().sum()).collect() };
    let other_than_zero = |variant| -> Vec<f64> {
        totals(variant)
            .into_iter()
            .filter(|total| *total != 0.0)
            .collect()
    };
    let both = |of: &dyn Fn(&'static str) -> Vec<f64>, level| {
        ["control", "ka"].map(|variant| (variant, expected(of(variant), level)))
    };
    let metrics = &payload["metrics"];
    assert_told(&metrics[0], &both(&totals, 0.5));
    assert_told(&metrics[1], &both(&other_than_zero, 0.8));
    assert_eq!(metrics[0]["quantile"]["of"], "identity");
    assert_eq!(metrics[0]["quantile"]["ignore_zeros"], false);
    assert_eq!(metrics[1]["quantile"]["ignore_zeros"], true);
    for metric in [&metrics[0], &metrics[1]] {
        assert_eq!(metric["quantile"]["variants"]["ka"]["design_effect"], Value::Null);
        assert_eq!(
            metric["variants"], metrics[2]["variants"],
            "the sums are those of the totals"
        );
        assert_eq!(metric["analysis"]["ka"]["cuped"], Value::Null);
    }
    assert_eq!(metrics[2].get("quantile"), None);
    assert_eq!(metrics[2].get("quantile_source"), None);
    let sql = payload["engine"]["sql"][0].as_str().unwrap();
    assert!(
        sql.contains("m0_quantile_lower") && sql.contains("m1_quantile_upper"),
        "{sql}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quantiles_of_events_know_that_identities_have_several() {
    let payload = results(&[
        ("sum", definition(&json!({"level": 0.7, "of": "event"}))),
        (
            "sum",
            definition(&json!({"level": 0.5, "of": "event", "ignore_zeros": true})),
        ),
    ])
    .await;
    for (metric, level, ignore_zeros) in [(0, 0.7, false), (1, 0.5, true)] {
        let metric = &payload["metrics"][metric];
        let counted = |variant| -> Vec<Vec<f64>> {
            let counts = |value: &f64| !ignore_zeros || *value != 0.0;
            let identities = values(variant).into_iter();
            identities
                .map(|values| values.into_iter().filter(counts).collect())
                .collect()
        };
        let both = ["control", "ka"].map(|variant| {
            let of_independent = expected(counted(variant).concat(), level);
            let design_effect = design_effect(&counted(variant), of_independent.quantile, level);
            assert_close(
                &metric["quantile"]["variants"][variant]["design_effect"],
                design_effect,
            );
            let standard_error = of_independent.standard_error * design_effect.sqrt();
            (
                variant,
                Expected {
                    standard_error,
                    ..of_independent
                },
            )
        });
        assert_told(metric, &both);
    }
    assert_eq!(payload["metrics"][0]["variants"]["control"]["n"], IDENTITIES + 1);
    let sql = payload["engine"]["sql"][0].as_str().unwrap();
    assert!(
        sql.contains("m0_indicator_sum") && sql.contains("m0_quantile_cross"),
        "{sql}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantile_of_too_few_numbers_says_so() {
    let few = json!({"version": 2, "event": "purchase", "filter": {"min_value": 1_000},
        "quantile": {"level": 0.9, "of": "event"}});
    let nothing = json!({"version": 2, "event": "nothing", "quantile": {"level": 0.5, "of": "event"}});
    let payload = results(&[("sum", few), ("sum", nothing)]).await;
    for metric in [&payload["metrics"][0], &payload["metrics"][1]] {
        assert_eq!(metric["analysis"]["ka"]["status"], "insufficient_data");
        assert_eq!(metric["analysis"]["ka"]["absolute"], Value::Null);
        assert_eq!(metric["inference"]["ka"], Value::Null);
        assert_eq!(metric["best_arm_probability"], Value::Null);
    }
    let told = &payload["metrics"][0]["quantile"]["variants"]["control"];
    assert_eq!(told["quantile_hat"], 1_000.0);
    assert_eq!(
        (&told["lower"], &told["standard_error"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(payload["metrics"][1]["quantile"]["variants"], json!({}));
}
