//! What holds for every input.

use std::collections::BTreeMap;

use liftgate_stats::results::{AnalysisSettings, MetricData, MetricRole};
use liftgate_stats::{
    Aggregation, AnalysisInput, Arm, CONTROL, CovariateArm, Direction, EffectMoments, ExpectedShares,
    MetricInput, RatioArm, ResultsPayload, RunningMoments, SignificanceLevel, analyze, flat_absolute,
    flat_relative, infer, sample_ratio_test, welch_test,
};
use proptest::prelude::*;

const DIRECTIONS: [Direction; 3] = [Direction::Up, Direction::Down, Direction::Informational];

/// Arms of any magnitude whatever, as long as they are valid.
fn any_arm() -> impl Strategy<Value = Arm> {
    let finite = prop_oneof![
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
        -1e6..1e6_f64,
        (0_u32..1000).prop_map(f64::from),
    ];
    let n = prop_oneof![0_u64..200, 0_u64..=(1 << 53)];
    (n, finite.clone(), finite).prop_filter_map("consistent", |(n, sum, sum_squares)| {
        let sum_squares = sum_squares.abs();
        Arm::new(n, sum, sum_squares)
            .or_else(|_| Arm::new(n, sum, sum * sum))
            .or_else(|_| Arm::new(n, 0.0, sum_squares))
            .ok()
    })
}

/// Arms as they occur: a positive mean and a spread.
fn ordinary_arm() -> impl Strategy<Value = Arm> {
    (50_u64..1_000_000, 0.01..1e4_f64, 0.01..10.0_f64).prop_map(|(n, mean, coefficient_of_variation)| {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let units = n as f64;
        let spread = 1.0 + coefficient_of_variation * coefficient_of_variation;
        Arm::new(n, units * mean, units * mean * mean * spread).unwrap()
    })
}

fn running(values: &[f64]) -> RunningMoments {
    let mut moments = RunningMoments::new();
    for value in values {
        moments.push(*value);
    }
    moments
}

fn close(got: f64, want: f64, relative: f64, scale: f64) -> bool {
    (got - want).abs() <= relative * scale.abs().max(want.abs())
}

/// JSON writes what is not finite as null, so the value itself is looked at.
fn is_finite(payload: &ResultsPayload) -> bool {
    let shown = format!("{payload:?}");
    !["NaN", "inf,", "inf)", "inf "]
        .iter()
        .any(|word| shown.contains(word))
}

proptest! {
    #[test]
    fn no_valid_input_gives_a_number_that_is_not_finite(
        control in any_arm(), treatment in any_arm(), alpha in 1e-12..0.999_f64,
    ) {
        let level = SignificanceLevel::new(alpha).unwrap();
        for direction in DIRECTIONS {
            for aggregation in [Aggregation::Occurrence, Aggregation::Sum] {
                if let Ok(got) = infer(Some(&control), &treatment, aggregation, direction) {
                    prop_assert!([got.lift, got.ci_low, got.ci_high].iter().all(|x| x.is_finite()), "{got:?}");
                    prop_assert!((0.0..=1.0).contains(&got.chance_to_win), "{got:?}");
                    prop_assert!(got.ci_low <= got.lift && got.lift <= got.ci_high, "{got:?}");
                }
            }
        }
        let Ok(effect) = EffectMoments::of_means(&control, &treatment) else { return Ok(()) };
        if let Ok(test) = welch_test(&effect, level) {
            prop_assert!(
                [test.estimate, test.standard_error, test.degrees_of_freedom, test.statistic, test.ci_low, test.ci_high]
                    .iter()
                    .all(|x| x.is_finite()),
                "{test:?}"
            );
            prop_assert!((0.0..=1.0).contains(&test.p_value), "{test:?}");
            prop_assert!(test.degrees_of_freedom >= 1.0 - 1e-12, "{test:?}");
        }
        for posterior in [flat_relative(&effect), flat_absolute(&effect)].into_iter().flatten() {
            for direction in DIRECTIONS {
                let (ship, keep) = (posterior.risk_ship(direction), posterior.risk_keep(direction));
                prop_assert!(ship.is_finite() && ship >= 0.0 && keep.is_finite() && keep >= 0.0, "{posterior:?}");
                prop_assert!((0.0..=1.0).contains(&posterior.chance_to_win(direction)), "{posterior:?}");
            }
        }
    }

    #[test]
    fn payload_never_holds_a_number_that_is_not_finite(
        arms in prop::collection::vec(any_arm(), 1..5),
        observed in prop::collection::vec(any::<u64>(), 1..5),
        weights in prop::collection::vec(prop_oneof![Just(0.0), 1e-100..1e-90_f64, 0.01..100.0_f64, 1e90..1e100_f64], 1..5),
        quarantined: u64,
        aggregation in prop_oneof![Just(Aggregation::Occurrence), Just(Aggregation::Sum), Just(Aggregation::Mean)],
        kind in 0..4_u8,
        correlation in -1.0..1.0_f64,
        target in prop::option::of(1e-9..10.0_f64),
    ) {
        let keys = || [CONTROL, "b", "c", "d"].into_iter().map(str::to_owned);
        let mut metric = MetricInput::of_sums(1, aggregation, Direction::Down, keys().zip(arms.clone()).collect());
        // Every arm is its own covariate, or its own denominator, with some products.
        let cross = |arm: &Arm| correlation * arm.sum_squares();
        match kind {
            0 => metric.role = MetricRole::DEFAULT_GUARDRAIL,
            1 => metric.data = MetricData::Covariate(
                keys().zip(arms.iter().filter_map(|arm| CovariateArm::new(*arm, *arm, cross(arm)).ok())).collect(),
            ),
            2 => metric.data = MetricData::Ratio(
                keys().zip(arms.iter().filter_map(|arm| RatioArm::new(*arm, *arm, cross(arm)).ok())).collect(),
            ),
            _ => {}
        }
        let payload = analyze(&AnalysisInput {
            expected_shares: ExpectedShares::new(keys().zip(weights)).unwrap(),
            observed: keys().zip(observed).collect(),
            quarantined,
            metrics: vec![metric],
            settings: AnalysisSettings { target_lift: target, planned_units: target.map(|t| 1e3 / t), ..AnalysisSettings::default() },
            ..AnalysisInput::default()
        });
        prop_assert!(payload.srm.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
        prop_assert!((0.0..=1.0).contains(&payload.srm.quarantined_share));
        for share in payload.srm.expected_shares.values() {
            prop_assert!((0.0..=1.0).contains(share));
        }
        for inference in payload.metrics[0].inference.values().flatten() {
            prop_assert!(inference.ci_low.is_finite() && inference.ci_high.is_finite());
        }
        prop_assert!(is_finite(&payload), "{payload:?}");
    }

    #[test]
    fn merging_is_associative_and_does_not_depend_on_order(
        a in prop::collection::vec(-1e3..1e3_f64, 0..30),
        b in prop::collection::vec(-1e3..1e3_f64, 0..30),
        c in prop::collection::vec(-1e3..1e3_f64, 1..30),
    ) {
        let (mut left, mut right, mut reversed) = (running(&a), running(&b), running(&c));
        left.merge(&running(&b));
        left.merge(&running(&c));
        right.merge(&running(&c));
        let mut nested = running(&a);
        nested.merge(&right);
        reversed.merge(&running(&b));
        reversed.merge(&running(&a));
        let at_once = running(&[a, b, c].concat());
        for got in [left, nested, reversed] {
            prop_assert_eq!(got.n(), at_once.n());
            prop_assert!(close(got.mean().unwrap(), at_once.mean().unwrap(), 1e-12, 1e3));
            if let Some(want) = at_once.variance() {
                prop_assert!(close(got.variance().unwrap(), want, 1e-12, 1e6));
            }
        }
    }

    #[test]
    fn sums_give_the_variance_of_the_values(values in prop::collection::vec(-1e3..1e3_f64, 2..60)) {
        let sum: f64 = values.iter().sum();
        let sum_squares: f64 = values.iter().map(|value| value * value).sum();
        #[expect(clippy::cast_precision_loss, reason = "fewer than 60")]
        let n = values.len() as f64;
        let direct = values.iter().map(|value| (value - sum / n).powi(2)).sum::<f64>() / (n - 1.0);
        let arm = Arm::new(values.len().try_into().unwrap(), sum, sum_squares).unwrap();
        prop_assert!(close(arm.variance().unwrap(), direct, 1e-11, 1e6));
        prop_assert!(close(running(&values).variance().unwrap(), direct, 1e-12, 1e6));
    }

    #[test]
    fn the_unit_of_a_metric_does_not_matter(
        control in ordinary_arm(), treatment in ordinary_arm(), power in -300_i32..300, scale in 0.1..10.0_f64,
    ) {
        let rescale = |arm: &Arm, by: f64| Arm::new(arm.n(), arm.sum() * by, arm.sum_squares() * by * by).unwrap();
        let infer = |c: &Arm, t: &Arm| infer(Some(c), t, Aggregation::Sum, Direction::Up).unwrap();
        let want = infer(&control, &treatment);
        // By a power of two not even the rounding changes.
        let exact = f64::from(power).exp2();
        prop_assert_eq!(infer(&rescale(&control, exact), &rescale(&treatment, exact)), want);
        let got = infer(&rescale(&control, scale), &rescale(&treatment, scale));
        let width = want.ci_high - want.ci_low;
        for (got, want) in [(got.lift, want.lift), (got.ci_low, want.ci_low), (got.ci_high, want.ci_high)] {
            prop_assert!(close(got, want, 1e-9, width.max(1.0)));
        }
        prop_assert!((got.chance_to_win - want.chance_to_win).abs() < 1e-9);
    }

    #[test]
    fn the_interval_is_symmetric_and_narrows_with_more_units(control in ordinary_arm(), treatment in ordinary_arm()) {
        let infer = |c: &Arm, t: &Arm| infer(Some(c), t, Aggregation::Sum, Direction::Up).unwrap();
        let times_four = |arm: &Arm| Arm::new(arm.n() * 4, arm.sum() * 4.0, arm.sum_squares() * 4.0).unwrap();
        let got = infer(&control, &treatment);
        let (below, above) = (got.lift - got.ci_low, got.ci_high - got.lift);
        prop_assert!(close(below, above, 1e-12, got.lift));
        let more = infer(&times_four(&control), &times_four(&treatment));
        prop_assert_eq!(more.lift, got.lift);
        prop_assert!(close((more.ci_high - more.ci_low) * 2.0, above + below, 0.02, 0.0));
    }

    #[test]
    fn exchanging_the_arms_reverses_the_absolute_effect(one in ordinary_arm(), other in ordinary_arm()) {
        let test = |c: &Arm, t: &Arm| {
            welch_test(&EffectMoments::of_means(c, t).unwrap(), SignificanceLevel::FIVE_PERCENT).unwrap()
        };
        let (there, back) = (test(&one, &other), test(&other, &one));
        prop_assert_eq!(there.p_value, back.p_value);
        prop_assert_eq!((there.ci_low, there.ci_high), (-back.ci_high, -back.ci_low));
        // Interval and p-value tell the same story.
        let excludes_zero = there.ci_low > 0.0 || there.ci_high < 0.0;
        prop_assert_eq!(excludes_zero, there.p_value < 0.05);
    }

    #[test]
    fn names_of_variants_do_not_matter(
        arms in prop::collection::vec(any_arm(), 4),
        observed in prop::collection::vec(0_u64..100_000, 4),
        weights in prop::collection::vec(0.0..5.0_f64, 4),
        names in Just(["b", "c", "d"]).prop_shuffle(),
    ) {
        let weights: Vec<f64> = weights.into_iter().map(|w| if w < 1.0 { 0.0 } else { w }).collect();
        let run = |names: [&str; 3]| {
            let keys = || std::iter::once(CONTROL).chain(names).map(str::to_owned);
            analyze(&AnalysisInput {
                expected_shares: ExpectedShares::new(keys().zip(weights.clone())).unwrap(),
                observed: keys().zip(observed.clone()).collect(),
                quarantined: 0,
                metrics: vec![MetricInput::of_sums(1, Aggregation::Count, Direction::Up, keys().zip(arms.clone()).collect())],
                ..AnalysisInput::default()
            })
        };
        let (plain, renamed) = (run(["b", "c", "d"]), run(names));
        prop_assert_eq!(plain.srm.leaked, renamed.srm.leaked);
        prop_assert_eq!(plain.srm.status, renamed.srm.status);
        if let (Some(want), Some(got)) = (plain.srm_p_value, renamed.srm_p_value) {
            // Only the order of addition differs.
            prop_assert!(close(got, want, 1e-9, 1e-290));
        }
        for (old, new) in ["b", "c", "d"].into_iter().zip(names) {
            prop_assert_eq!(plain.metrics[0].inference[old], renamed.metrics[0].inference[new]);
        }
    }

    #[test]
    fn a_split_as_configured_is_never_a_mismatch(units in 50_u64..1_000_000, variants in 2_usize..6) {
        let keys: Vec<String> = (0..variants).map(|index| format!("variant-{index}")).collect();
        let expected = ExpectedShares::new(keys.iter().cloned().map(|key| (key, 1.0))).unwrap();
        let observed: BTreeMap<_, _> = keys.into_iter().map(|key| (key, units)).collect();
        let test = sample_ratio_test(&expected, &observed);
        prop_assert!(test.p_value.unwrap() > 1.0 - 1e-6);
    }
}
