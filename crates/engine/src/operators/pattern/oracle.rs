//! Patterns at random against what the reference's language makes of them: `tests/oracle/patterns.py` wrote the cases.
//!
//! `LIFTGATE_PATTERN_CASES` names a file of more.

use super::{Pattern, machine};

/// Python 3.11, `patterns.py 1500 20261124`.
const CASES: &str = include_str!("../../../tests/oracle/patterns.jsonl");

#[test]
fn patterns_match_what_they_match_in_the_reference() {
    let cases = std::env::var("LIFTGATE_PATTERN_CASES").map_or_else(
        |_| CASES.to_owned(),
        |file| std::fs::read_to_string(file).expect("a file of cases"),
    );
    let mut count = 0;
    let wrong: Vec<String> = cases
        .lines()
        .inspect(|_| count += 1)
        .filter_map(|line| {
            let (pattern, text, expected): (String, String, Option<bool>) =
                serde_json::from_str(line).expect("a case");
            let pattern = Pattern::compile(&pattern);
            let actual = pattern.as_ref().map(|pattern| pattern.is_match(&text));
            // Longer runs keep where they have been, from their first step on here.
            let with_history = pattern.and_then(|pattern| machine::is_match(&pattern.0, &text, 0));
            (actual != expected || with_history != expected)
                .then(|| format!("{line} is {actual:?}, with history {with_history:?}"))
        })
        .collect();
    assert!(count > 1_000, "{count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count} differ, the first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}
