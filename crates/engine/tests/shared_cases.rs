//! The engine conformance cases shared with other engines, one test per file.
//!
//! They live beside the repository; where they are absent, nothing is run and the runner says so.

mod support;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;
use support::{Case, check, files, read};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/engine-test-data");

/// What is done to both results before they are compared.
type Normalise = fn(Value) -> Value;

/// The parts of the collection. The upstream one was written for version 10 of the reference.
const PARTS: [(&str, Normalise); 3] = [
    ("test_cases", without_static),
    ("extra", std::convert::identity),
    ("extra-python-only", std::convert::identity),
];

fn main() -> ExitCode {
    let trials: Vec<Trial> = PARTS
        .into_iter()
        .flat_map(|(part, normalise)| {
            files(&Path::new(FOLDER).join(part))
                .into_iter()
                .map(move |(name, path)| {
                    Trial::test(format!("{part}/{name}"), move || {
                        let case: Case = read(&path)?;
                        Ok(check(&case, normalise)?)
                    })
                })
        })
        .collect();
    let arguments = Arguments::from_args();
    if !arguments.list {
        announce(trials.len());
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[expect(clippy::print_stderr, reason = "a runner reports what it runs")]
fn announce(count: usize) {
    if count == 0 {
        eprintln!("skipped: no shared cases beside the repository");
    } else {
        eprintln!("{count} shared cases");
    }
}

/// Before version 11 of the engine, `STATIC` was `DEFAULT`.
fn without_static(mut result: Value) -> Value {
    let flags = result.get_mut("flags").and_then(Value::as_object_mut);
    for (_, flag) in flags.into_iter().flatten() {
        if flag["reason"] == "STATIC" {
            flag["reason"] = "DEFAULT".into();
        }
    }
    result
}
