//! The analysis of one experiment of 100 metrics and five variants, with every section.
//!
//! When `LIFTGATE_PYTHON` names a Python that has the package `gbstats`, the same comparisons are made by it in the same
//! run, and the ratio is printed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hint::black_box;
use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use divan::Bencher;
use liftgate_stats::results::{History, MetricData, MetricRole, Progress, SpentLooks, VerdictMethod};
use liftgate_stats::{
    Aggregation, AnalysisInput, Arm, CovariateArm, Direction, ExpectedShares, Look, MetricInput, RatioArm,
    SignificanceLevel, Spending, analyze, group_sequential_looks,
};

const METRICS: i64 = 100;
const VARIANTS: [&str; 5] = ["control", "b", "c", "d", "e"];
const UNITS: u32 = 10_000;

fn main() {
    divan::main();
    compare();
}

/// Everything that a refresh of the results computes.
#[divan::bench]
fn all_sections(bencher: Bencher) {
    let input = experiment();
    bencher.bench(|| analyze(black_box(&input)));
}

/// What a scheduled look costs once, beside that: the 28th bound of daily looks.
#[divan::bench]
fn spend_a_look(bencher: Bencher) {
    let (past, now) = looks();
    bencher.bench(|| {
        liftgate_stats::next_look(
            black_box(&past),
            now,
            SignificanceLevel::FIVE_PERCENT,
            Spending::OBrienFleming,
        )
    });
}

/// Metrics of every kind in turn, so that no section is skipped for all of them.
fn experiment() -> AnalysisInput {
    let metrics = (0..METRICS).map(metric).collect();
    let observed: BTreeMap<String, u64> = VARIANTS
        .iter()
        .map(|key| ((*key).to_owned(), u64::from(UNITS)))
        .collect();
    let (mut spent, now) = looks();
    spent.extend(liftgate_stats::next_look(
        &spent,
        now,
        SignificanceLevel::FIVE_PERCENT,
        Spending::OBrienFleming,
    ));
    let mut input = AnalysisInput {
        expected_shares: ExpectedShares::new(VARIANTS.map(|key| (key, 1.0))).expect("shares"),
        observed,
        metrics,
        progress: Progress {
            as_of: Some("2026-11-24T00:00:00Z".to_owned()),
            days_run: 10.0,
            daily_new_units: vec![5000.0, 5100.0, 4900.0, 5200.0, 5000.0, 4800.0, 5000.0],
            rollout_share: 1.0,
            ..Progress::default()
        },
        history: History {
            looks: Some(SpentLooks {
                alpha_per_comparison: 0.05,
                day: 10.0,
                looks: VARIANTS[1..]
                    .iter()
                    .map(|key| ((*key).to_owned(), spent.clone()))
                    .collect(),
            }),
            ..History::default()
        },
        ..AnalysisInput::default()
    };
    input.settings.verdict_method = VerdictMethod::GroupSequential;
    input.settings.planned_units = Some(40_000.0);
    input.settings.target_lift = Some(0.05);
    input
}

fn metric(metric_id: i64) -> MetricInput {
    let kind = metric_id % 5;
    let aggregation = if kind < 2 {
        Aggregation::Occurrence
    } else {
        Aggregation::Sum
    };
    let values = |index: u32| {
        let shift = f64::from(index) * 7.0;
        if kind < 2 {
            // Every other occurrence is rare, which takes the score intervals.
            let conversions = if kind == 0 {
                500.0 + shift
            } else {
                20.0 + f64::from(index)
            };
            arm(conversions, conversions)
        } else {
            let sum = 30_000.0 + 10.0 * shift;
            arm(sum, sum * sum / f64::from(UNITS) + 90_000.0)
        }
    };
    let keyed = || VARIANTS.iter().map(|key| (*key).to_owned()).zip(0_u32..);
    let variants: BTreeMap<String, Arm> = keyed().map(|(key, index)| (key, values(index))).collect();
    let mut metric = MetricInput::of_sums(metric_id, aggregation, Direction::Up, variants);
    let other = arm(40_000.0, 170_000.0);
    match kind {
        2 => {
            metric.data = MetricData::Covariate(
                keyed()
                    .map(|(key, index)| {
                        let outcome = values(index);
                        let cross = 4.0 * outcome.sum() + 5000.0;
                        (
                            key,
                            CovariateArm::new(outcome, other, cross).expect("a covariate"),
                        )
                    })
                    .collect(),
            );
        }
        3 => {
            metric.data = MetricData::Ratio(
                keyed()
                    .map(|(key, index)| {
                        let numerator = values(index);
                        let cross = 4.0 * numerator.sum() + 5000.0;
                        (key, RatioArm::new(numerator, other, cross).expect("a ratio"))
                    })
                    .collect(),
            );
        }
        4 => metric.role = MetricRole::DEFAULT_GUARDRAIL,
        _ => {}
    }
    metric
}

fn arm(sum: f64, sum_squares: f64) -> Arm {
    Arm::new(u64::from(UNITS), sum, sum_squares).expect("an arm")
}

/// Daily looks of an experiment of 56 days, 27 of them spent, and the information at the next.
fn looks() -> (Vec<Look>, f64) {
    let days = |count: u32| (1..=count).map(|day| f64::from(day) / 56.0).collect::<Vec<f64>>();
    let past = group_sequential_looks(
        &days(27),
        SignificanceLevel::FIVE_PERCENT,
        Spending::OBrienFleming,
    )
    .expect("looks");
    (past, 0.5)
}

/// Both sides on the plain comparisons: 400 effects, absolute and relative, fixed and sequential, and the belief.
fn compare() {
    let ours = fastest(|| {
        black_box(analyze(black_box(experiment_once())));
    });
    say(&format!(
        "liftgate: {:.3} ms for 100 metrics and 5 variants, all sections",
        milliseconds(ours)
    ));
    let Some(python) = std::env::var_os("LIFTGATE_PYTHON") else {
        return say("gbstats: skipped, LIFTGATE_PYTHON is not set");
    };
    match theirs(&python) {
        Ok(theirs) => say(&format!(
            "gbstats: {theirs:.1} ms for the same 400 comparisons, {:.0} times as long",
            theirs / milliseconds(ours)
        )),
        Err(error) => say(&format!("gbstats: skipped, {error}")),
    }
}

/// The input is made once; its making is not measured.
fn experiment_once() -> &'static AnalysisInput {
    static INPUT: std::sync::OnceLock<AnalysisInput> = std::sync::OnceLock::new();
    INPUT.get_or_init(experiment)
}

fn fastest(mut run: impl FnMut()) -> Duration {
    const RUNS: u32 = 20;
    (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .min()
        .unwrap_or_default()
}

/// Milliseconds that gbstats takes, the fastest of three; it measures itself, without starting up.
fn theirs(python: &OsStr) -> Result<f64, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gbstats_analysis.py");
    let output = Command::new(python)
        .arg(script)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(error.lines().last().unwrap_or("it failed").to_owned());
    }
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| "it printed no number".to_owned())
}

fn milliseconds(duration: Duration) -> f64 {
    1000.0 * duration.as_secs_f64()
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
