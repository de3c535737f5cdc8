//! Patterns made to be slow: nested counts, huge classes, many alternatives, Unicode classes with counts, look-around and
//! references in loops. Whatever is not refused must end, whatever the text.
//!
//! `LIFTGATE_HOSTILE_PATTERNS` says how many there are (300 otherwise) and has the measured times printed, of what takes
//! long the best of five: a test does not judge time, the limits of steps and of compiled size do.

use super::Pattern;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::time::{Duration, Instant};

const PATTERNS: usize = 300;
/// Bytes of the longest text of a trait.
const TEXT_BYTES: usize = 2_000;

fn atom() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[ab]",
        2 => Just(".".to_owned()),
        3 => prop::sample::select(vec![r"\w", r"\W", r"\s", r"\S", r"\d", r"[^a]", r"[^\W\d]", "[a-zé-ÿΑ-Ω]", r"[\w-]", r"\b", "(?i:ß)"])
            .prop_map(str::to_owned),
        1 => prop::collection::vec("[a-z]{1,4}", 2..60).prop_map(|words| format!("(?:{})", words.join("|"))),
    ]
}

fn count() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("*".to_owned()),
        Just("+".to_owned()),
        Just("?".to_owned()),
        Just("+?".to_owned()),
        Just("++".to_owned()),
        (0..40_u32, 0..1_000_u32).prop_map(|(least, more)| format!("{{{least},{}}}", least + more)),
        (1..400_u32).prop_map(|times| format!("{{{times}}}")),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let body = atom().prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            4 => (inner.clone(), count()).prop_map(|(body, count)| format!("(?:{body}){count}")),
            2 => (inner.clone(), count()).prop_map(|(body, count)| format!("({body}){count}")),
            3 => prop::collection::vec(inner.clone(), 2..5).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 2..5).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            1 => inner.clone().prop_map(|body| format!("(?={body})")),
            1 => inner.clone().prop_map(|body| format!("(?!{body})")),
            1 => inner.clone().prop_map(|body| format!("(?>{body})")),
            1 => inner.prop_map(|body| format!(r"({body})\1")),
        ]
    });
    (body, prop::sample::select(vec!["", "$", "x", r"\1", "(?!a)"]))
        .prop_map(|(body, end)| format!("{body}{end}"))
}

fn texts(runner: &mut TestRunner) -> Vec<String> {
    let mut random = |alphabet: &'static str| {
        let letters: Vec<char> = alphabet.chars().collect();
        let letters = prop::collection::vec(prop::sample::select(letters), TEXT_BYTES);
        let text: String = letters
            .new_tree(runner)
            .expect("nothing is filtered out")
            .current()
            .into_iter()
            .collect();
        let end = text.floor_char_boundary(TEXT_BYTES);
        text[..end].to_owned()
    };
    vec![
        "a".repeat(TEXT_BYTES),
        "ab".repeat(TEXT_BYTES / 2),
        random("ab"),
        random("abcé 1ßΩ-"),
    ]
}

fn measure(pattern: &Pattern, text: &str) -> Duration {
    let start = Instant::now();
    pattern.is_match(text);
    start.elapsed()
}

#[test]
fn every_hostile_pattern_is_refused_or_ends() {
    let asked = std::env::var("LIFTGATE_HOSTILE_PATTERNS").ok();
    let count = asked
        .as_ref()
        .map_or(PATTERNS, |count| count.parse().expect("a number of patterns"));
    let mut runner = TestRunner::deterministic();
    let texts = texts(&mut runner);
    let strategy = pattern();
    let (mut times, mut refused, mut compiling) = (Vec::new(), 0, Duration::ZERO);
    for _ in 0..count {
        let source = strategy
            .new_tree(&mut runner)
            .expect("nothing is filtered out")
            .current();
        let start = Instant::now();
        let Some(pattern) = Pattern::compile(&source) else {
            refused += 1;
            continue;
        };
        compiling = compiling.max(start.elapsed());
        for text in &texts {
            let mut time = measure(&pattern, text);
            if time > Duration::from_micros(200) {
                time = (0..4).fold(time, |best, _| best.min(measure(&pattern, text)));
            }
            times.push((time, source.clone()));
        }
    }
    assert!(
        refused < count / 2,
        "{refused} of {count} patterns are refused: they measure nothing"
    );
    if asked.is_some() {
        times.sort_unstable();
        let slow = times
            .iter()
            .filter(|(time, _)| *time > Duration::from_millis(1))
            .count();
        let at = |share: usize| times[(times.len() - 1) * share / 1_000].0;
        println!(
            "{count} patterns, {refused} refused, compiled in {compiling:?} at most; {} evaluations: median {:?}, p99 {:?}, \
             p99.9 {:?}, above 1 ms {slow}",
            times.len(),
            at(500),
            at(990),
            at(999)
        );
        for (time, source) in times.iter().rev().take(10) {
            println!("{time:?} {}", source.chars().take(160).collect::<String>());
        }
    }
}
