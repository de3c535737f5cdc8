//! What the case runners share.

use std::path::{Path, PathBuf};

use liftgate_engine::{EvaluationContext, evaluate};
use serde::Deserialize;
use serde_json::Value;

/// A context and the result it must have.
#[derive(Deserialize)]
pub struct Case {
    pub context: EvaluationContext,
    pub result: Value,
}

/// The files of a folder by name; empty where there is no folder.
pub fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .map(|path| {
            let name = path.file_name().expect("a file has a name");
            (name.to_string_lossy().into_owned(), path)
        })
        .collect();
    files.sort();
    files
}

/// Reads JSON, in which lines may be `//` comments.
pub fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let json: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    serde_json::from_str(&json.join("\n")).map_err(|error| error.to_string())
}

/// Evaluates a case and compares every field of its result, after `normalise` has been over both sides.
pub fn check(case: &Case, normalise: fn(Value) -> Value) -> Result<(), String> {
    let actual = serde_json::to_value(evaluate(&case.context)).map_err(|error| error.to_string())?;
    let actual = normalise(actual);
    let expected = normalise(case.result.clone());
    if actual == expected {
        return Ok(());
    }
    Err(format!("expected {expected:#}\nbut it is {actual:#}"))
}
