//! Oracle vectors, one test per case, each number within the tolerance its case states.
//!
//! The project's own files are in `tests/oracle`; the shared ones live beside the repository, and where they are absent the
//! runner says so. `cargo test --test vectors -- fieller` runs those of one method.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use liftgate_stats::cases::Method;
use serde_json::Value;

const FOLDERS: [(&str, &str); 2] = [
    ("own", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle")),
    (
        "shared",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/stats"),
    ),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (part, folder) in FOLDERS {
        for path in files(Path::new(folder)) {
            let file = match read(&path) {
                Ok(file) => file,
                Err(error) => {
                    trials.push(Trial::test(path.display().to_string(), move || Err(error.into())));
                    continue;
                }
            };
            let name = file["method"].as_str().unwrap_or("unnamed").to_owned();
            for case in file["cases"].as_array().cloned().unwrap_or_default() {
                let count = counts.entry(format!("{part} {name}")).or_default();
                count.0 += 1;
                count.1 += values(&case["expected"]);
                let title = format!("{part}/{name}/{}", case["id"].as_str().unwrap_or("unnamed"));
                let name = name.clone();
                trials.push(Trial::test(title, move || check(&name, &case)));
            }
        }
    }
    if !arguments.list {
        announce(&counts);
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[expect(clippy::print_stderr, reason = "a runner reports what it runs")]
fn announce(counts: &BTreeMap<String, (usize, usize)>) {
    for (name, (cases, values)) in counts {
        eprintln!("{name}: {cases} cases, {values} values");
    }
    if !counts.keys().any(|name| name.starts_with("shared")) {
        eprintln!("skipped: no shared vectors beside the repository");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Numbers, strings, booleans and nulls of an expectation.
fn values(expected: &Value) -> usize {
    match expected {
        Value::Object(fields) => fields.values().map(values).sum(),
        Value::Array(items) => items.iter().map(values).sum(),
        _ => 1,
    }
}

fn check(name: &str, case: &Value) -> Result<(), Failed> {
    let method = Method::find(name).ok_or_else(|| format!("there is no method {name}"))?;
    let output = method.output(&case["input"]);
    let expected = case["expected"].as_object().ok_or("a case expects an object")?;
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(field, want)| !agrees(&output[field.as_str()], want, &case["tol"]))
        .map(|(field, want)| format!("{field}: got {}, want {want}", output[field.as_str()]))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let status = output.get("status").map(Value::to_string).unwrap_or_default();
    Err(format!("{}\nstatus {status} {}", wrong.join("\n"), output["error"]).into())
}

fn agrees(got: &Value, want: &Value, tolerance: &Value) -> bool {
    match (got, want) {
        (Value::Number(got), Value::Number(want)) => {
            let (got, want) = (
                got.as_f64().unwrap_or(f64::NAN),
                want.as_f64().unwrap_or(f64::NAN),
            );
            let relative = tolerance["rel"].as_f64().unwrap_or(0.0);
            let absolute = tolerance["abs"].as_f64().unwrap_or(0.0);
            (got - want).abs() <= (relative * want.abs()).max(absolute)
        }
        (Value::Array(got), Value::Array(want)) => {
            got.len() == want.len()
                && got
                    .iter()
                    .zip(want)
                    .all(|(got, want)| agrees(got, want, tolerance))
        }
        _ => got == want,
    }
}
