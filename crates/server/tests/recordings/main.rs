//! The recorded exchanges with the reference server, replayed: the scripts beside this file say which request belongs to
//! each recorded answer, and every answer of ours must have its status, its headers and its body. What is different on
//! purpose is marked in the scripts and must be a row of `docs/deviations.md`; a mark without a difference is a failure.
//!
//! The recordings lie beside the repository; where they are not, nothing is compared, and the test says so.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod compare;
mod exchange;
mod ids;
mod replay;
mod script;
mod text;

use std::path::PathBuf;

/// The scripts, in the order of the recordings: each is a session with a server of its own.
const SCRIPTS: [(&str, &str); 3] = [
    ("first", include_str!("first.script")),
    ("second", include_str!("second.script")),
    ("third", include_str!("third.script")),
];

/// Where differences on purpose are listed.
const DEVIATIONS: &str = include_str!("../../../../docs/deviations.md");

#[tokio::test(flavor = "multi_thread")]
async fn recorded_exchanges_come_out_the_same() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contract/recordings.txt");
    let Ok(recordings) = std::fs::read_to_string(&path) else {
        println!("skipped: the recordings are not here ({})", path.display());
        return;
    };
    let mut exchanges = exchange::parse(&recordings).into_iter();
    let (mut replayed, mut failures) = (0, Vec::new());
    for (name, text) in SCRIPTS {
        let steps = script::parse(text);
        let recorded: Vec<_> = exchanges.by_ref().take(steps.len()).collect();
        let session = replay::session(name, &steps, &recorded).await;
        replayed += session.replayed;
        failures.extend(session.failures);
    }
    assert_eq!(exchanges.count(), 0, "recorded exchanges without a step");
    println!("{replayed} exchanges replayed");
    assert!(
        failures.is_empty(),
        "{} exchanges differ:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

#[test]
fn marked_differences_are_documented() {
    let documented: Vec<&str> = DEVIATIONS
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .collect();
    for (name, text) in SCRIPTS {
        for step in script::parse(text) {
            for (_, row) in &step.unlike {
                assert!(
                    documented.contains(&row.as_str()),
                    "{name}, {}: docs/deviations.md has no row {row:?}",
                    step.title
                );
            }
        }
    }
}
