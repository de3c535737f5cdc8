//! Every public function of the store is called in this suite.

use std::fs;
use std::path::Path;

/// The sources in a folder: module names with their text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).expect("the folder is there");
    let files = files.map(|file| file.expect("an entry").path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a text"))
        })
        .collect()
}

#[test]
fn every_public_function_is_called() {
    let suite: String = sources("tests/suite").into_iter().map(|(_, text)| text).collect();
    let mut functions = 0;
    let mut missing = Vec::new();
    for (module, text) in sources("src") {
        for line in text.lines() {
            let Some(rest) = line
                .strip_prefix("pub async fn ")
                .or_else(|| line.strip_prefix("pub fn "))
            else {
                continue;
            };
            let name = rest.split(['(', '<']).next().expect("a name");
            functions += 1;
            if !suite.contains(&format!("{module}::{name}(")) {
                missing.push(format!("{module}::{name}"));
            }
        }
    }
    assert!(functions > 200, "found only {functions} functions");
    assert!(missing.is_empty(), "no test calls {missing:#?}");
}
