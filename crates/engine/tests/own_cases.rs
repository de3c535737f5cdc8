//! The repository's own cases, one test per row of an operator's table and one per context.
//!
//! Each was checked against the reference engine (Flagsmith's for Python, 11.1.1), but for the rows that say they differ.

mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use liftgate_engine::evaluate;
use serde::Deserialize;
use serde_json::{Value, json};
use support::{Case, check, files, read};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

/// One condition and what it says of one trait.
#[derive(Deserialize)]
struct Row {
    /// The trait's value; null for a trait that is not there.
    #[serde(rename = "trait")]
    value: Value,
    operator: String,
    /// The condition's value.
    with: Value,
    matches: bool,
}

fn main() -> ExitCode {
    let folder = Path::new(FOLDER);
    let rows = files(&folder.join("operators")).into_iter().flat_map(rows);
    let contexts = files(&folder.join("contexts")).into_iter().map(|(name, path)| {
        Trial::test(format!("contexts/{name}"), move || {
            let case: Case = read(&path)?;
            Ok(check(&case, std::convert::identity)?)
        })
    });
    libtest_mimic::run(&Arguments::from_args(), rows.chain(contexts).collect()).exit_code()
}

fn rows((name, path): (String, PathBuf)) -> Vec<Trial> {
    let rows: Vec<Row> = read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!rows.is_empty(), "{name} has no rows");
    rows.into_iter()
        .map(|row| {
            let name = format!("operators/{name}: {} {} {}", row.value, row.operator, row.with);
            Trial::test(name, move || check_row(&row))
        })
        .collect()
}

fn check_row(row: &Row) -> Result<(), Failed> {
    let condition = json!({"property": "t", "operator": row.operator, "value": row.with});
    let context = json!({
        "environment": {"key": "env-key", "name": "Env"},
        "features": {},
        "segments": {"10": {"key": "10", "name": "seg", "rules": [{"type": "ALL", "conditions": [condition]}]}},
        "identity": {"identifier": "alice", "traits": {"t": row.value}},
    });
    let matches = !evaluate(&serde_json::from_value(context)?).segments.is_empty();
    if matches == row.matches {
        Ok(())
    } else {
        Err(format!("expected {}, but it is {matches}", row.matches).into())
    }
}
