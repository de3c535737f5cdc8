//! Cases that are wrong in every way: each gets an answer, and an answer that says `ok` has its numbers.
//!
//! `LIFTGATE_HOSTILE_CASES=20000 cargo test -p liftgate-stats hostile` makes that many of them.

use std::path::Path;

use liftgate_stats::cases::{Method, answer};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use serde_json::{Map, Value, json};

/// Fields that are null where their method says `ok`: what the data have no value for.
const NULLABLE: [&str; 24] = [
    // A variance needs two units, a mean one.
    "mean",
    "variance",
    // There is no relative effect of a control value of zero, and no interval of one near it.
    "lift",
    "lift_variance",
    "g",
    "relative_ci_low",
    "relative_ci_high",
    // One-sided sequences need a level below a half.
    "one_sided_multiplier",
    "one_sided_low",
    "one_sided_high",
    // Edges of what proportions can be, and samples too large for Fisher.
    "score_lift",
    "score_p_value",
    "fisher_p_value",
    // Sides that are not capped.
    "lower_threshold",
    "upper_threshold",
    // A single group differs from nothing.
    "p_value",
    // Impossible targets, and questions that were not asked.
    "n_control",
    "n_treatment",
    "n_control_exact",
    "mde_relative_at_current_n",
    "power_at_current_n",
    "sequential_multiplier_at_n_star",
    "sequential_inflation",
    "days_fixed",
];

/// Lists that keep a null in its place: looks without a bound, missing p-values.
const LISTS_WITH_NULLS: [&str; 5] = [
    "z_bounds",
    "holm",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bonferroni",
];

#[test]
fn hostile_cases_are_answered() {
    let wanted: u64 = std::env::var("LIFTGATE_HOSTILE_CASES")
        .map_or(3000, |count| count.parse().expect("a number of cases"));
    let files = vectors();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(20_261_124);
    for number in 0..wanted {
        let file = &files[below(&mut random, files.len())];
        let cases = file["cases"].as_array().unwrap();
        let mut input = cases[below(&mut random, cases.len())]["input"].clone();
        for _ in 0..=below(&mut random, 3) {
            mutate(&mut input, &mut random);
        }
        let method = Method::find(file["method"].as_str().unwrap()).unwrap();
        let output = method.output(&input);
        check(method, number, &input, &output);
    }
}

#[test]
fn documents_that_are_none_are_refused_or_answered() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    for file in vectors() {
        let method = file["method"].clone();
        let cases: Vec<&Value> = file["cases"].as_array().unwrap().iter().take(2).collect();
        let text = serde_json::to_vec(&json!({"method": method, "cases": cases})).unwrap();
        for _ in 0..50 {
            let mut document = text.clone();
            let place = below(&mut random, document.len());
            match below(&mut random, 3) {
                0 => document.truncate(place),
                1 => document[place] = u8::try_from(below(&mut random, 256)).unwrap(),
                _ => {
                    document.remove(place);
                }
            }
            if let Ok(outputs) = answer(&document) {
                assert!(outputs.cases.len() <= 2);
            }
        }
    }
}

/// Every case file of the project.
fn vectors() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut paths: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 15, "the case files are in {}", folder.display());
    paths
        .iter()
        .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        .collect()
}

#[track_caller]
fn check(method: Method, number: u64, input: &Value, output: &Value) {
    let fields = output.as_object().expect("an output is an object");
    let status = fields
        .get("status")
        .map_or("ok", |status| status.as_str().expect("a status is a text"));
    if status.starts_with("invalid_") {
        assert!(
            fields["error"].as_str().is_some_and(|error| !error.is_empty()),
            "case {number} of {method:?} has no error: {input}"
        );
        return;
    }
    let has_numbers = status == "ok" && output["relative_status"] != "unbounded_relative";
    for (field, value) in fields.iter().filter(|_| has_numbers) {
        let listed = |items: &Vec<Value>| items.iter().any(Value::is_null);
        let missing = value.is_null() && !NULLABLE.contains(&field.as_str())
            || value.as_array().is_some_and(listed) && !LISTS_WITH_NULLS.contains(&field.as_str());
        assert!(
            !missing,
            "case {number} of {method:?}: {field} is null in {output} of {input}"
        );
    }
}

fn below(random: &mut Xoshiro256PlusPlus, limit: usize) -> usize {
    usize::try_from(random.next_u64() % limit.max(1) as u64).unwrap()
}

/// Changes one value somewhere inside.
fn mutate(value: &mut Value, random: &mut Xoshiro256PlusPlus) {
    match value {
        Value::Object(fields) if !fields.is_empty() && below(random, 12) > 0 => {
            let place = below(random, fields.len());
            let key = fields.keys().nth(place).unwrap().clone();
            if below(random, 15) == 0 {
                fields.remove(&key);
            } else {
                mutate(&mut fields[&key], random);
            }
        }
        Value::Array(items) if !items.is_empty() && below(random, 12) > 0 => {
            let place = below(random, items.len());
            match below(random, 10) {
                0 => {
                    items.remove(place);
                }
                1 => items.push(items[place].clone()),
                _ => mutate(&mut items[place], random),
            }
        }
        other => *other = hostile(other, random),
    }
}

fn hostile(old: &Value, random: &mut Xoshiro256PlusPlus) -> Value {
    const NUMBERS: [f64; 22] = [
        0.0,
        -0.0,
        1.0,
        2.0,
        3.0,
        -1.0,
        0.5,
        1e9,
        1e-9,
        1e17,
        9.007_199_254_740_992e15,
        1e100,
        -1e100,
        1e-100,
        1e155,
        1e200,
        1e-200,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        0.999_999_999_999_999_9,
    ];
    let scaled = |factor: f64| old.as_f64().map_or(Value::Null, |number| json!(number * factor));
    match below(random, 14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!("text"),
        3 => json!([]),
        4 => Value::Object(Map::new()),
        5 => scaled(-1.0),
        6 => scaled(1e10),
        7 => scaled(1e-10),
        8 => scaled(2.0),
        _ => json!(NUMBERS[below(random, NUMBERS.len())]),
    }
}
