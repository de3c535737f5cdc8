//! Views of the same players beside the published table, each against values that were computed from the players one by one
//! (`crates/stats/tests/oracle/cookie_cats.py`).

use liftgate_testkit::Workspace;
use serde_json::{Value, json};

/// What a number may be off, as a share of it.
const TOLERANCE: f64 = 1e-9;

/// The views: those of the published table first.
pub fn all() -> Vec<Value> {
    let document: Value = serde_json::from_str(include_str!("views.json")).expect("the views are JSON");
    document["views"].as_array().expect("there are views").clone()
}

/// Makes the metric of a view. Returns its id.
pub async fn metric(workspace: &Workspace, view: &Value) -> Value {
    let body =
        json!({"name": view["name"], "aggregation": view["aggregation"], "definition": view["definition"]});
    let path = workspace.path("experiment-metrics/");
    workspace.client.post(path, body).await.expect(201)["id"].clone()
}

/// Compares the metrics of a payload with the views, in their order, and prints the interval that is read once beside the one
/// that may be read at any time.
pub fn check(payload: &Value) {
    let (views, metrics) = (all(), payload["metrics"].as_array().expect("there are metrics"));
    assert_eq!(views.len(), metrics.len());
    println!(
        "\n{:26} {:>10} {:>23} {:>9} {:>23}",
        "effect on a player", "estimate", "95 %, read once", "p", "95 %, read at any time"
    );
    for (view, metric) in views.iter().zip(metrics) {
        let name = view["name"].as_str().expect("a view has a name");
        let analysis = &metric["analysis"]["gate_40"];
        let cell = |value: &Value| {
            value
                .as_f64()
                .map_or("-".to_owned(), |number| format!("{number:.4}"))
        };
        let interval = |of: &Value| format!("{} to {}", cell(&of["ci_low"]), cell(&of["ci_high"]));
        let absolute = &analysis["absolute"];
        println!(
            "{name:26} {:>10} {:>23} {:>9} {:>23}",
            cell(&absolute["estimate"]),
            interval(absolute),
            cell(&absolute["p_value"]),
            interval(&analysis["sequential"]),
        );
        let expected = view["expected"].as_object().expect("a view expects something");
        assert!(!expected.is_empty(), "{name}");
        for (pointer, expected) in expected {
            let found = metric
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{name}: there is no {pointer}"));
            match (found.as_f64(), expected.as_f64()) {
                (Some(found), Some(expected)) => assert!(
                    (found - expected).abs() <= TOLERANCE * expected.abs(),
                    "{name}: {pointer} is {found}, not {expected}"
                ),
                _ => assert_eq!(found, expected, "{name}: {pointer}"),
            }
        }
    }
}
