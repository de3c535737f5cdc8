//! Effects at a fixed horizon. Expected values: mpmath 1.4.1 at 50 digits from the formulas; the Welch statistics and
//! p-values agree with scipy 1.17.1 `ttest_ind_from_stats(equal_var=False)`, quantiles are scipy's `t.ppf`.

use liftgate_stats::{
    Arm, Direction, EffectMoments, SignificanceLevel, Unestimable, flat_absolute, flat_relative, welch_test,
};

use crate::support::{arm, assert_close, bernoulli};

fn effect(control: Arm, treatment: Arm) -> EffectMoments {
    EffectMoments::of_means(&control, &treatment).unwrap()
}

#[test]
fn welch_test_of_a_conversion_rate() {
    let effect = effect(bernoulli(5003, 250.0), bernoulli(4997, 291.0));
    let test = welch_test(&effect, SignificanceLevel::FIVE_PERCENT).unwrap();
    assert_close(test.estimate, 0.008_264_922_975_372_271, 1e-13);
    assert_close(test.standard_error, 0.004_524_192_222_429_195, 1e-13);
    assert_close(test.degrees_of_freedom, 9_944.663_957_684_289, 1e-13);
    assert_close(test.statistic, 1.826_828_430_144_497_2, 1e-13);
    assert_close(test.p_value, 0.067_755_528_826_751_41, 1e-12);
    assert_close(test.ci_low, -0.000_603_410_202_011_353_2, 1e-11);
    assert_close(test.ci_high, 0.017_133_256_152_755_895, 1e-12);
    assert_eq!(effect.units, 10_000);
}

#[test]
fn welch_test_of_a_mean() {
    let effect = effect(arm(1000, 12_500.0, 181_250.0), arm(1100, 13_200.0, 189_750.0));
    let test = welch_test(&effect, SignificanceLevel::FIVE_PERCENT).unwrap();
    assert_close(test.statistic, -2.214_956_153_410_515, 1e-13);
    assert_close(test.p_value, 0.026_870_231_844_571_82, 1e-12);
    assert_close(test.ci_low, -0.942_694_173_432_7, 1e-12);
    assert_close(test.ci_high, -0.057_305_826_567_299_97, 1e-11);
}

#[test]
fn flat_relative_effect_of_a_conversion_rate() {
    let posterior = flat_relative(&effect(bernoulli(5003, 250.0), bernoulli(4997, 291.0))).unwrap();
    assert_close(posterior.mean, 0.165_397_638_583_149_9, 1e-13);
    assert_close(posterior.standard_deviation, 0.097_767_301_206_775_53, 1e-13);
    assert_close(
        posterior.chance_to_win(Direction::Up),
        0.954_652_986_184_704_3,
        1e-13,
    );
    assert_close(
        posterior.risk_ship(Direction::Up),
        0.001_824_216_705_504_649_8,
        1e-12,
    );
    assert_close(
        posterior.risk_keep(Direction::Up),
        0.167_221_855_288_654_54,
        1e-12,
    );
    assert_eq!(
        posterior.risk_ship(Direction::Down),
        posterior.risk_keep(Direction::Up)
    );
    assert_eq!(
        posterior.chance_to_win(Direction::Informational),
        posterior.chance_to_win(Direction::Up)
    );
}

#[test]
fn lift_is_positive_when_a_negative_mean_rises() {
    let effect = effect(arm(2000, -8400.0, 54_490.39), arm(2100, -8190.0, 50_832.0));
    let posterior = flat_relative(&effect).unwrap();
    // Means -4.2 and -3.9: +0.3 / 4.2. The standard error is that of the vectors, 60 digits.
    assert_close(posterior.mean, 1.0 / 14.0, 1e-12);
    assert_close(posterior.standard_deviation, 0.021_859_167_118_121_598, 1e-12);
}

#[test]
fn standard_error_survives_a_treatment_near_zero() {
    // 1 conversion in 1e9 against 50 in 100: V_A - 2 L C + L^2 V_B taken term by term is off by a tenth.
    let posterior = flat_relative(&effect(bernoulli(100, 50.0), bernoulli(1_000_000_000, 1.0))).unwrap();
    assert_close(posterior.standard_deviation, 2.010_075_630_518_424e-9, 1e-9);
}

#[test]
fn a_generic_effect_agrees_with_the_independent_arms_it_describes() {
    let of_means = effect(arm(1000, 12_500.0, 181_250.0), arm(1100, 13_200.0, 189_750.0));
    let (lift, b) = (of_means.lift().unwrap(), of_means.baseline);
    let by_definition = (of_means.variance - 2.0 * lift * of_means.covariance
        + lift * lift * of_means.baseline_variance)
        / (b * b);
    assert_close(
        of_means.lift_standard_error().unwrap(),
        by_definition.sqrt(),
        1e-12,
    );
    assert_close(
        of_means.lift_standard_error().unwrap(),
        0.017_707_983_125_922_416,
        1e-12,
    );
}

#[test]
fn what_cannot_be_estimated_says_why() {
    let small = bernoulli(1, 1.0);
    let varied = bernoulli(100, 50.0);
    let zero = bernoulli(100, 0.0);
    let one = bernoulli(100, 100.0);
    assert_eq!(
        EffectMoments::of_means(&small, &varied),
        Err(Unestimable::InsufficientData)
    );
    assert_eq!(
        EffectMoments::of_means(&varied, &small),
        Err(Unestimable::InsufficientData)
    );
    let alpha = SignificanceLevel::FIVE_PERCENT;
    assert_eq!(
        welch_test(&effect(one, zero), alpha),
        Err(Unestimable::ZeroVariance)
    );
    assert_eq!(flat_absolute(&effect(one, zero)), Err(Unestimable::ZeroVariance));
    // Zero variance is checked before a zero baseline.
    assert_eq!(flat_relative(&effect(zero, one)), Err(Unestimable::ZeroVariance));
    assert_eq!(
        flat_relative(&effect(zero, varied)),
        Err(Unestimable::ZeroBaseline)
    );
    assert!(flat_absolute(&effect(zero, varied)).is_ok());
    assert_eq!(
        flat_relative(&effect(varied, zero)),
        Err(Unestimable::DegenerateRelative)
    );
    assert_eq!(effect(varied, zero).lift(), Ok(-1.0));
    assert!(welch_test(&effect(varied, zero), alpha).is_ok());
}

#[test]
fn reasons_are_ordered_as_checked_and_spelt_as_on_the_wire() {
    let order = [
        (Unestimable::InsufficientData, "insufficient_data"),
        (Unestimable::ZeroDenominator, "zero_denominator"),
        (Unestimable::ZeroVariance, "zero_variance"),
        (Unestimable::ZeroBaseline, "zero_baseline"),
        (Unestimable::DegenerateRelative, "degenerate_relative"),
    ];
    assert!(order.is_sorted());
    for (reason, name) in order {
        assert_eq!(serde_json::to_value(reason).unwrap(), name);
        assert!(reason.to_string().starts_with(name));
    }
}

#[test]
fn a_baseline_of_rounding_noise_is_no_baseline() {
    let effect = effect(arm(100, 1e-200, 50.0), bernoulli(100, 50.0));
    assert_eq!(flat_relative(&effect), Err(Unestimable::ZeroBaseline));
    assert_eq!(effect.lift(), Err(Unestimable::ZeroBaseline));
}

#[test]
fn a_statistic_beyond_the_largest_double_stays_finite() {
    // Control is 2^500 without variance, treatment varies by 1e-160: t would be 4e310.
    let effect = effect(arm(2, 501_f64.exp2(), 1001_f64.exp2()), arm(2, 0.0, 1e-320));
    let test = welch_test(&effect, SignificanceLevel::FIVE_PERCENT).unwrap();
    assert_eq!(test.statistic, f64::MIN);
    assert!(test.p_value < 1e-300);
}
