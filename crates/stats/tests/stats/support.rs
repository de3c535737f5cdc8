//! What the test files share.

use std::path::PathBuf;

use liftgate_stats::Arm;

/// Fails unless `got` is within `relative` of `want`.
#[track_caller]
pub fn assert_close(got: f64, want: f64, relative: f64) {
    assert!(
        (got - want).abs() <= relative * want.abs(),
        "got {got:e}, want {want:e} within {relative:e}"
    );
}

pub fn arm(n: u64, sum: f64, sum_squares: f64) -> Arm {
    Arm::new(n, sum, sum_squares).unwrap()
}

/// An arm of an occurrence metric.
pub fn bernoulli(n: u64, conversions: f64) -> Arm {
    arm(n, conversions, conversions)
}

/// A file of the shared test data beside the repository, or `None` (with a message) where there is none.
pub fn shared(relative: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(relative);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: shared test data {relative} is not here");
    None
}
