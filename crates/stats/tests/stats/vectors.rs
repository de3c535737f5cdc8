//! The shared oracle vectors, each number within the tolerance its case states.

use std::collections::BTreeMap;

use liftgate_stats::{
    Aggregation, Arm, Direction, EffectMoments, ExpectedShares, NoInference, NormalPosterior,
    SignificanceLevel, SrmStatus, Unestimable, Z_95, flat_absolute, flat_relative, infer, sample_ratio_test,
    welch_test,
};
use serde_json::{Map, Value, json};

use crate::support::shared;

type Fields = Map<String, Value>;

#[test]
fn moments() {
    run("moments", |input| {
        let arm = arm(input);
        Some(fields(json!({ "mean": arm.mean(), "variance": arm.variance() })))
    });
}

#[test]
fn welch_absolute() {
    run("welch_absolute", |input| {
        let computed = effect(input).map(|effect| {
            let mut got = match welch_test(&effect, alpha(input)) {
                Ok(test) => json!({
                    "status": "ok",
                    "standard_error": test.standard_error,
                    "df": test.degrees_of_freedom,
                    "statistic": test.statistic,
                    "p_value": test.p_value,
                    "ci_low": test.ci_low,
                    "ci_high": test.ci_high,
                }),
                Err(reason) => json!({ "status": reason }),
            };
            got["estimate"] = json!(effect.estimate);
            fields(got)
        });
        Some(computed.unwrap_or_else(status))
    });
}

#[test]
fn relative_delta() {
    run("relative_delta", |input| {
        let computed = effect(input).map(|effect| {
            let mut got = match flat_relative(&effect) {
                Ok(posterior) => relative_fields(input, &posterior),
                Err(reason) => json!({ "status": reason }),
            };
            got["lift"] = json!(effect.lift().ok());
            fields(got)
        });
        Some(computed.unwrap_or_else(status))
    });
}

#[test]
fn bayesian_with_a_flat_prior() {
    run("bayesian", |input| {
        if input["prior"]["proper"] == true {
            return None;
        }
        let direction = if input["lower_is_better"] == true {
            Direction::Down
        } else {
            Direction::Up
        };
        let posterior = effect(input).and_then(|effect| match input["difference"].as_str().unwrap() {
            "absolute" => flat_absolute(&effect),
            "relative" => flat_relative(&effect),
            other => panic!("difference {other}"),
        });
        Some(match posterior {
            Ok(posterior) => {
                let interval = posterior.interval(liftgate_stats::normal::two_sided_quantile(alpha(input)));
                fields(json!({
                    "status": "ok",
                    "posterior_mean": posterior.mean,
                    "posterior_sd": posterior.standard_deviation,
                    "ci_low": interval.low,
                    "ci_high": interval.high,
                    "chance_to_win": posterior.chance_to_win(direction),
                    "risk_ship": posterior.risk_ship(direction),
                    "risk_keep": posterior.risk_keep(direction),
                }))
            }
            Err(reason) => status(reason),
        })
    });
}

#[test]
fn srm_chi2() {
    run("srm_chi2", |input| {
        let keys = (0..).map(|index| format!("variant-{index}"));
        let weights = input["weights"]
            .as_array()
            .unwrap()
            .iter()
            .map(|weight| weight.as_f64().unwrap());
        let units = input["observed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|units| units.as_u64().unwrap());
        let expected = ExpectedShares::new(keys.clone().zip(weights)).unwrap();
        let observed: BTreeMap<_, _> = keys.zip(units).collect();
        let test = sample_ratio_test(&expected, &observed);
        assert_eq!(test.status == SrmStatus::Ok, test.p_value.is_some());
        Some(fields(json!({
            "status": test.status,
            "statistic": test.statistic,
            "df": test.degrees_of_freedom,
            "p_value": test.p_value,
            "leaked": test.leaked,
        })))
    });
}

fn relative_fields(input: &Value, posterior: &NormalPosterior) -> Value {
    let interval = posterior.interval(Z_95);
    json!({
        "status": "ok",
        "standard_error": posterior.standard_deviation,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "chance_to_win": posterior.chance_to_win(Direction::Up),
        // Only the sign of the control mean: the vectors do not apply the minimum of units.
        "flagsmith_null": infer(
            Some(&enlarged(&input["control"])),
            &enlarged(&input["treatment"]),
            Aggregation::Sum,
            Direction::Up,
        ) == Err(NoInference::BaselineNotPositive),
    })
}

/// The same mean and mean square over enough units to be shown.
fn enlarged(input: &Value) -> Arm {
    let arm = arm(input);
    Arm::new(arm.n() * 100, arm.sum() * 100.0, arm.sum_squares() * 100.0).unwrap()
}

fn arm(input: &Value) -> Arm {
    let number = |key: &str| input[key].as_f64().unwrap();
    Arm::new(input["n"].as_u64().unwrap(), number("sum"), number("sum_squares")).unwrap()
}

fn effect(input: &Value) -> Result<EffectMoments, Unestimable> {
    EffectMoments::of_means(&arm(&input["control"]), &arm(&input["treatment"]))
}

fn alpha(input: &Value) -> SignificanceLevel {
    SignificanceLevel::new(input["alpha"].as_f64().unwrap()).unwrap()
}

fn status(reason: Unestimable) -> Fields {
    fields(json!({ "status": reason }))
}

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("not an object: {other}"),
    }
}

/// Runs `compute` (which skips a case with `None`) on the cases of a method and compares every expected field.
fn run(method: &str, compute: impl Fn(&Value) -> Option<Fields>) {
    let Some(path) = shared(&format!("vectors/stats/{method}.json")) else {
        return;
    };
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut cases, mut values, mut skipped, mut wrong) = (0, 0, 0, Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let Some(got) = compute(&case["input"]) else {
            skipped += 1;
            continue;
        };
        cases += 1;
        for (field, want) in case["expected"].as_object().unwrap() {
            values += 1;
            let got = got.get(field).unwrap_or(&Value::Null);
            if !agrees(got, want, &case["tol"]) {
                wrong.push(format!("{} {field}: got {got}, want {want}", case["id"]));
            }
        }
    }
    println!(
        "{method}: {cases} cases, {values} values, {} outside tolerance, {skipped} of another prior",
        wrong.len()
    );
    assert!(cases > 0, "{method} has no cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn agrees(got: &Value, want: &Value, tolerance: &Value) -> bool {
    let (Some(got), Some(want)) = (got.as_f64(), want.as_f64()) else {
        return got == want;
    };
    let relative = tolerance["rel"].as_f64().unwrap();
    let absolute = tolerance["abs"].as_f64().unwrap();
    (got - want).abs() <= (relative * want.abs()).max(absolute)
}
