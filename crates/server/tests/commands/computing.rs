//! Commands that only compute, as a person runs them.

use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_liftgate"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    child
        .stdin
        .take()
        .expect("standard input")
        .write_all(input.as_bytes())
        .expect("the input is read");
    child.wait_with_output().expect("the binary ends")
}

fn json_of(output: &Output) -> Value {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn analyze(document: &Value) -> Output {
    run(&["analyze", "--input", "-"], &document.to_string())
}

#[test]
fn analyze_answers_every_case_in_order() {
    let arm = |n: u64, sum: f64| json!({"n": n, "sum": sum, "sum_squares": sum});
    let output = json_of(&analyze(&json!({"method": "welch_absolute", "cases": [
        {"id": "one", "input": {"control": arm(1000, 100.0), "treatment": arm(1000, 150.0), "alpha": 0.05}},
        {"id": "few", "input": {"control": arm(1, 1.0), "treatment": arm(1000, 150.0), "alpha": 0.05}},
        {"id": "impossible", "input": {"control": arm(10, 100.0), "treatment": arm(1000, 150.0), "alpha": 0.05}},
        {"id": "unreadable", "input": {"control": "none", "treatment": arm(1000, 150.0), "alpha": 0.05}},
        {"id": "empty"},
        {"id": 7, "input": {"control": arm(1000, 100.0), "treatment": arm(1000, 150.0), "alpha": 7}},
    ]})));
    assert_eq!(output["method"], "welch_absolute");
    let cases = output["cases"].as_array().expect("cases");
    let ids: Vec<&Value> = cases.iter().map(|case| &case["id"]).collect();
    assert_eq!(
        ids,
        [
            &json!("one"),
            &json!("few"),
            &json!("impossible"),
            &json!("unreadable"),
            &json!("empty"),
            &json!(7)
        ]
    );
    let first = &cases[0]["output"];
    assert_eq!(first["status"], "ok");
    assert!((first["estimate"].as_f64().expect("a number") - 0.05).abs() < 1e-15);
    let statuses: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["output"]["status"].as_str())
        .collect();
    assert_eq!(
        statuses,
        [
            "ok",
            "insufficient_data",
            "invalid_statistics",
            "invalid_input",
            "invalid_input",
            "invalid_statistics"
        ]
    );
    let error = cases[5]["output"]["error"].as_str().expect("a message");
    assert!(
        error.contains("significance level") && error.contains('7'),
        "{error}"
    );
}

#[test]
fn analyze_names_what_is_wrong_with_a_document() {
    for (document, told) in [
        (
            "{\"method\": \"astrology\", \"cases\": []}",
            "unknown method \"astrology\"",
        ),
        ("{\"cases\": []}", "missing field `method`"),
        ("nonsense", "cannot be read"),
    ] {
        let output = run(&["analyze", "--input", "-"], document);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(error.contains(told), "{error}");
    }
    let output = run(&["analyze", "--input", "/nowhere/cases.json"], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/cases.json"));
}

#[test]
fn power_plans_units_and_days() {
    let output = json_of(&run(
        &[
            "power",
            "--baseline",
            "0.05",
            "--lift",
            "0.1",
            "--daily-units",
            "5000,5200,4800,5100,4900,5000,5000",
            "--rollout-share",
            "0.5",
            "--control-units",
            "10000",
            "--json",
        ],
        "",
    ));
    // statsmodels: 31231 units of each arm for 5 % against 5.5 % at 80 %.
    let units = output["control_units"].as_f64().expect("a number");
    assert!((31_200.0..31_260.0).contains(&units), "{units}");
    assert_eq!(output["treatment_units"], output["control_units"]);
    assert!(output["sequential_inflation"].as_f64().expect("a number") > 1.9);
    assert_eq!(output["days"]["expected"], 25);
    assert!(output["days"]["low"].as_u64() <= Some(25) && output["days"]["high"].as_u64() >= Some(25));
    assert!(output["at_current_units"]["power"].as_f64().expect("a number") < 0.5);

    let text = run(&["power", "--baseline", "0.05", "--lift", "0.1"], "");
    assert!(String::from_utf8_lossy(&text.stdout).contains("read at any time"));
    let refused = run(&["power", "--baseline", "1.5", "--lift", "0.1"], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("above 0 and below 1, got 1.5"));
    let impossible = run(&["power", "--baseline", "0.9", "--lift", "0.5"], "");
    assert!(String::from_utf8_lossy(&impossible.stderr).contains("no number of units"));
    let mean = run(
        &["power", "--metric", "mean", "--baseline", "3", "--lift", "0.1"],
        "",
    );
    assert!(String::from_utf8_lossy(&mean.stderr).contains("--sd"));
}

#[test]
fn simulate_repeats_itself_from_its_seed() {
    let simulate = |seed: &str| {
        json_of(&run(
            &[
                "simulate",
                "--units-per-arm",
                "500",
                "--looks",
                "4",
                "--simulations",
                "40",
                "--baseline",
                "0.2",
                "--lift",
                "0.5",
                "--seed",
                seed,
                "--json",
            ],
            "",
        ))
    };
    let first = simulate("5");
    assert_eq!(first, simulate("5"));
    assert_ne!(first["a_b"], simulate("6")["a_b"]);
    let rule = "confidence sequence, Fieller, N* planned (Liftgate)";
    let of = |part: &str, figure: &str| first[part][rule][figure].as_f64().expect("a number");
    assert!(of("a_a", "any_look") <= of("a_b", "any_look"));
    assert!(of("a_b", "mean_sample_fraction") <= 1.0);
    // The method of the settings stands by itself, with what a covariate adds.
    let judged = |method: &str, more: &[&str]| {
        let fixed = [
            "simulate",
            "--metric",
            "mean",
            "--baseline",
            "10",
            "--sd",
            "10",
            "--units-per-arm",
            "1000",
            "--lift",
            "0.1",
            "--simulations",
            "200",
            "--looks",
            "3",
            "--json",
            "--method",
            method,
        ];
        json_of(&run(&[&fixed[..], more].concat(), ""))["judged"].clone()
    };
    let fixed = judged("fixed", &[]);
    assert_eq!(fixed["method"], "fixed");
    let power = |judged: &Value| judged["power"].as_f64().unwrap();
    assert!(power(&judged("fixed", &["--correlation", "0.8"])) > power(&fixed) + 0.15);
    assert!(power(&judged("sequential", &[])) < power(&fixed));
    assert_eq!(judged("group_sequential", &[])["method"], "group_sequential");
    let refused = run(&["simulate", "--correlation", "0.5"], "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("covariate correlation must be"));
    let refused = run(&["simulate", "--baseline", "2"], "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("rate must be above 0 and below 1"));
}

#[test]
fn evaluate_says_why_when_asked() {
    let context = json!({
        "environment": {"key": "env-key", "name": "Production"},
        "features": {"a": {"key": "1", "name": "a", "enabled": false, "value": null}},
        "segments": {"7": {"key": "7", "name": "pro", "rules": [{"type": "ALL", "conditions": [
                {"property": "plan", "operator": "EQUAL", "value": "pro"}]}],
            "overrides": [{"key": "2", "name": "a", "enabled": true, "value": "x", "priority": 0}]}},
        "identity": {"identifier": "alice", "traits": {"plan": "pro"}},
    })
    .to_string();
    let mut traced = json_of(&run(&["evaluate", "--context", "-", "--trace"], &context));
    let trace = traced["flags"]["a"]
        .as_object_mut()
        .expect("a flag")
        .remove("trace");
    let trace = trace.expect("a trace");
    assert_eq!(trace["winner"]["segment_name"], "pro");
    assert_eq!(
        trace["overrides"][0]["rules"][0]["conditions"][0]["actual"],
        "pro"
    );
    assert_eq!(traced, json_of(&run(&["evaluate", "--context", "-"], &context)));
}
