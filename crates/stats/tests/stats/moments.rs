//! Means, variances and the acceptance of sums. Variances from Python 3.11 `fractions` (exact) on the same doubles.

use liftgate_stats::{Arm, InvalidStatistics, MAX_UNITS, RunningMoments};

use crate::support::{arm, assert_close, bernoulli};

#[test]
fn variance_is_that_of_the_given_doubles() {
    for (arm, want) in [
        (arm(2, 3.0, 4.99), 0.490_000_000_000_000_2),
        // Mean 1e8, spread 1: plain arithmetic answers 0 or 2 by luck.
        (arm(3, 300_000_006.0, 3.000_000_120_000_001_6e16), 2.0),
        (
            arm(1_000_000_000, 1e15, 1.000_000_000_000_25e21),
            0.249_954_304_249_954_3,
        ),
        // Fibonacci numbers 75 to 77 (Cassini: n * sum_squares - sum^2 = 1): two products of 1e31 that differ by 1.
        (
            arm(
                2_111_485_077_978_050,
                3_416_454_622_906_707.0,
                5_527_939_700_884_757.0,
            ),
            2.242_972_592_436_643e-31,
        ),
        // No overflow and no underflow on the way.
        (arm(4, 1e-160, 1e-300), 3.333_333_333_333_333_4e-301),
        (arm(4, 2e153, 1.5e308), 4.966_666_666_666_666e307),
    ] {
        assert_close(arm.variance().unwrap(), want, 1e-15);
    }
}

#[test]
fn mean_needs_one_unit_and_variance_two() {
    assert_eq!(
        (arm(0, 0.0, 0.0).mean(), arm(0, 0.0, 0.0).variance()),
        (None, None)
    );
    assert_eq!(
        (bernoulli(1, 1.0).mean(), bernoulli(1, 1.0).variance()),
        (Some(1.0), None)
    );
    assert_eq!(bernoulli(2, 1.0).variance(), Some(0.5));
    assert_eq!(bernoulli(900, 900.0).variance(), Some(0.0));
}

#[test]
fn impossible_sums_are_rejected() {
    assert!(matches!(
        Arm::new(9, f64::NAN, 1.0),
        Err(InvalidStatistics::NotFinite { field: "sum", .. })
    ));
    assert!(matches!(
        Arm::new(9, 1.0, f64::INFINITY),
        Err(InvalidStatistics::NotFinite {
            field: "sum_squares",
            ..
        })
    ));
    assert_eq!(
        Arm::new(9, 0.0, -1.0),
        Err(InvalidStatistics::NegativeSumSquares(-1.0))
    );
    assert_eq!(
        Arm::new(MAX_UNITS + 1, 0.0, 0.0),
        Err(InvalidStatistics::TooManyUnits(MAX_UNITS + 1))
    );
    assert!(Arm::new(MAX_UNITS, 0.0, 0.0).is_ok());
    for (n, sum, sum_squares) in [
        (100, 10.0, 0.99),
        (0, 1.0, 1.0),
        (0, 0.0, 1.0),
        (5, 1e-200, 0.0),
        (10, 1e308, 1e-300),
        (10, 1e308, 1.0),
    ] {
        assert_eq!(
            Arm::new(n, sum, sum_squares),
            Err(InvalidStatistics::Inconsistent { n, sum, sum_squares }),
            "n {n}, sum {sum}, sum_squares {sum_squares}"
        );
    }
}

#[test]
fn rounding_within_one_in_a_billion_is_accepted() {
    assert!(Arm::new(100, 10.0, 1.0 - 0.9e-9).is_ok());
    assert!(Arm::new(100, 10.0, 1.0 - 1.1e-9).is_err());
    assert_eq!(arm(100, 10.0, 1.0 - 0.9e-9).variance(), Some(0.0));
}

#[test]
fn errors_carry_the_name_of_the_contract() {
    assert!(
        Arm::new(9, 0.0, -1.0)
            .unwrap_err()
            .to_string()
            .starts_with("invalid_statistics: ")
    );
}

#[test]
fn precision_warning_tells_lost_spread_from_none() {
    assert!(!bernoulli(44_700, 20_034.0).precision_warning());
    assert!(!bernoulli(900, 900.0).precision_warning());
    assert!(!bernoulli(900, 0.0).precision_warning());
    assert!(arm(1_000_000, 1e14, 1e22).precision_warning());
    assert!(arm(1_000_000_000, 1e15, 1.000_000_000_000_25e21).precision_warning());
}

#[test]
fn running_moments_keep_a_spread_that_sums_lose() {
    let mut moments = RunningMoments::new();
    assert_eq!((moments.mean(), moments.variance()), (None, None));
    for value in [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0] {
        moments.push(value);
    }
    assert_eq!(
        (moments.n(), moments.mean(), moments.variance()),
        (4, Some(1e9 + 10.0), Some(30.0))
    );
}

#[test]
fn merging_equals_pushing_in_one_go() {
    let (mut whole, mut left, mut right) = Default::default();
    let push = |moments: &mut RunningMoments, value| moments.push(value);
    for value in [3.0, 1.0, 4.0, 1.0, 5.0] {
        push(&mut whole, value);
        push(&mut left, value);
    }
    for value in [9.0, 2.0, 6.0] {
        push(&mut whole, value);
        push(&mut right, value);
    }
    left.merge(&RunningMoments::new());
    left.merge(&right);
    // 31 and 173 by hand; variance (173 - 31^2/8) / 7 = 423/56.
    assert_eq!(left.n(), 8);
    assert_close(left.mean().unwrap(), 31.0 / 8.0, 1e-15);
    assert_close(left.variance().unwrap(), 423.0 / 56.0, 1e-14);
    assert_close(whole.variance().unwrap(), 423.0 / 56.0, 1e-14);
    let sums = left.arm().unwrap();
    assert_eq!(sums.n(), 8);
    assert_close(sums.sum(), 31.0, 1e-15);
    assert_close(sums.sum_squares(), 173.0, 1e-15);
    let back = RunningMoments::from(sums);
    assert_close(back.variance().unwrap(), 423.0 / 56.0, 1e-14);
}

#[test]
fn values_that_are_not_finite_end_as_an_error() {
    let mut moments = RunningMoments::new();
    moments.push(1.0);
    moments.push(f64::INFINITY);
    assert!(moments.arm().is_err());
    let mut huge = RunningMoments::new();
    huge.push(1e200);
    assert!(huge.arm().is_err());
}
