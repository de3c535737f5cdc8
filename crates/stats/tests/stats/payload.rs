//! The shape of the results payload.

use std::collections::BTreeMap;

use liftgate_stats::{Aggregation, AnalysisInput, Arm, Direction, ExpectedShares, MetricInput, analyze};
use serde_json::json;

use crate::support::bernoulli;

fn metric(metric_id: i64, variants: &[(&str, Arm)]) -> MetricInput {
    MetricInput::of_sums(
        metric_id,
        Aggregation::Occurrence,
        Direction::Up,
        variants
            .iter()
            .map(|(variant, arm)| ((*variant).to_owned(), *arm))
            .collect(),
    )
}

#[test]
fn an_experiment_without_data_is_all_null() {
    let payload = serde_json::to_value(analyze(&AnalysisInput::default())).unwrap();
    assert_eq!(
        payload,
        json!({
            "srm_p_value": null,
            "srm": {
                "status": "not_applicable", "p_value": null, "p_value_anytime": null, "log_e_value": null,
                "alarm": false, "expected_shares": {}, "observed": {}, "phases": 1,
                "by_phase": [{"expected_shares": {}, "observed": {}}],
                "leaked": false, "quarantined_share": 0.0, "quarantine_status": "ok",
            },
            "metrics": [],
            "decision": {
                "decision": "keep_running", "because": ["day 0 of 7"], "variant": null, "variants": {},
            },
        })
    );
}

#[test]
fn payload_has_the_shape_of_the_contract() {
    let input = AnalysisInput {
        expected_shares: ExpectedShares::from_allocations([("b", 50.0)]).unwrap(),
        observed: BTreeMap::from([("b".to_owned(), 100), ("control".to_owned(), 100)]),
        quarantined: 4,
        metrics: vec![
            metric(
                7,
                &[
                    ("control", bernoulli(100, 50.0)),
                    ("b", bernoulli(100, 50.0)),
                    ("c", bernoulli(9, 1.0)),
                ],
            ),
            metric(3, &[("b", bernoulli(100, 50.0))]),
        ],
        ..AnalysisInput::default()
    };
    let mut payload = serde_json::to_value(analyze(&input)).unwrap();
    // What existing clients know, without what came later.
    let srm = payload["srm"].as_object_mut().unwrap();
    srm.retain(|key, _| {
        !["p_value_anytime", "log_e_value", "alarm", "phases", "by_phase"].contains(&key.as_str())
    });
    for metric in payload["metrics"].as_array_mut().unwrap() {
        metric
            .as_object_mut()
            .unwrap()
            .retain(|key, _| ["metric_id", "variants", "inference"].contains(&key.as_str()));
    }
    payload.as_object_mut().unwrap().remove("decision");
    let inference = payload["metrics"][0]["inference"]["b"].clone();
    assert_eq!(
        payload,
        json!({
            "srm_p_value": 1.0,
            "srm": {
                "status": "ok", "p_value": 1.0, "expected_shares": {"b": 0.5, "control": 0.5},
                "observed": {"b": 100, "control": 100}, "leaked": false,
                "quarantined_share": 4.0 / 204.0, "quarantine_status": "warn",
            },
            "metrics": [
                {
                    "metric_id": 7,
                    "variants": {
                        "b": {"n": 100, "sum": 50.0, "sum_squares": 50.0},
                        "c": {"n": 9, "sum": 1.0, "sum_squares": 1.0},
                        "control": {"n": 100, "sum": 50.0, "sum_squares": 50.0},
                    },
                    "inference": {"b": inference, "c": null},
                },
                {
                    "metric_id": 3,
                    "variants": {"b": {"n": 100, "sum": 50.0, "sum_squares": 50.0}},
                    "inference": {"b": null},
                },
            ],
        })
    );
    let keys: Vec<_> = inference
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, ["lift", "ci_low", "ci_high", "chance_to_win"]);
    assert_eq!(
        (&inference["lift"], &inference["chance_to_win"]),
        (&json!(0.0), &json!(0.5))
    );
}
