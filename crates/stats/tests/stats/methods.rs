//! What the oracle files do not hold: one-sided evidence, looks that go on, drift, forecasts, linearised ratios.

use liftgate_stats::{
    Arm, Correction, CovariateArm, Direction, EffectMoments, GroupEffect, Interval, Margin, NormalPrior,
    Prior, RatioArm, RatioCovariateArm, SequentialTuning, SignificanceLevel, Spending, Unestimable,
    confidence_sequence, covariate_adjusted, e_benjamini_hochberg, forecast_runtime, group_sequential_looks,
    next_look, noninferiority_test, novelty, posterior_relative, ratio_covariate_adjusted, scaled_impact,
    sequential_noninferiority_test,
};

use crate::support::{arm, assert_close, bernoulli};

fn alpha() -> SignificanceLevel {
    SignificanceLevel::FIVE_PERCENT
}

#[test]
fn one_sided_evidence_reaches_the_level_where_the_bound_leaves_zero() {
    let tuning = SequentialTuning::new(alpha(), 20_000.0).unwrap();
    for units in [100.0, 20_000.0, 1e9] {
        let z = tuning.one_sided_multiplier(units).unwrap();
        assert_close(tuning.one_sided_p_value(units, z), 0.05, 1e-9);
        assert!(tuning.one_sided_p_value(units, 1.01 * z) < 0.05);
        assert_eq!(tuning.one_sided_p_value(units, -z), 1.0);
    }
    // From a level of one half on there is no one-sided bound.
    let lax = SequentialTuning::new(SignificanceLevel::new(0.5).unwrap(), 100.0).unwrap();
    assert_eq!(lax.one_sided_multiplier(100.0), None);
    assert_eq!(lax.one_sided_p_value(100.0, 50.0), 1.0);
}

#[test]
fn evidence_and_interval_of_a_confidence_sequence_agree() {
    let tuning = SequentialTuning::new(alpha(), 20_000.0).unwrap();
    for treated in [500.0, 560.0, 590.0, 600.0, 610.0, 620.0, 700.0] {
        let effect = EffectMoments::of_means(&bernoulli(10_000, 500.0), &bernoulli(10_000, treated)).unwrap();
        let sequence = confidence_sequence(&effect, &tuning).unwrap();
        let relative = sequence.relative.interval.unwrap();
        assert_eq!(sequence.p_value < 0.05, sequence.ci_low > 0.0, "{treated}");
        assert_eq!(sequence.ci_low > 0.0, relative.low > 0.0, "{treated}");
    }
}

#[test]
fn stored_looks_go_on_as_if_all_were_known() {
    let fractions = [0.1, 0.25, 0.4, 0.4, 0.7, 1.0, 1.2];
    for spending in [Spending::OBrienFleming, Spending::Pocock, Spending::Power2] {
        let all = group_sequential_looks(&fractions, alpha(), spending).unwrap();
        for count in 0..fractions.len() {
            let next = next_look(&all[..count], fractions[count], alpha(), spending).unwrap();
            match (next.z_bound, all[count].z_bound) {
                (Some(got), Some(want)) => assert_close(got, want, 1e-9),
                (got, want) => assert_eq!(got, want),
            }
        }
        // No new information, no bound; and none after everything is spent.
        assert_eq!((all[3].z_bound, all[6].z_bound), (None, None));
        assert_close(all[5].cumulative_alpha, 0.05, 1e-12);
    }
    assert!(group_sequential_looks(&[0.5, 0.4], alpha(), Spending::Pocock).is_err());
    assert!(group_sequential_looks(&[0.0], alpha(), Spending::Pocock).is_err());
    assert!(group_sequential_looks(&vec![1.0; 1001], alpha(), Spending::Pocock).is_err());
}

#[test]
fn five_equal_looks_have_the_published_bounds() {
    let looks = group_sequential_looks(&[0.2, 0.4, 0.6, 0.8, 1.0], alpha(), Spending::OBrienFleming).unwrap();
    for (look, want) in looks.iter().zip([4.877, 3.357, 2.680, 2.290, 2.031]) {
        assert!((look.z_bound.unwrap() - want).abs() < 5e-4);
    }
}

#[test]
fn guardrails_look_the_way_that_is_wanted() {
    let effect =
        EffectMoments::of_means(&arm(1000, 10_000.0, 104_000.0), &arm(1000, 10_000.0, 104_000.0)).unwrap();
    let margin = Margin::Relative(0.1);
    let up = noninferiority_test(&effect, margin, Direction::Up, alpha()).unwrap();
    let down = noninferiority_test(&effect, margin, Direction::Down, alpha()).unwrap();
    assert!(up.p_value_noninferior < 1e-6 && down.p_value_noninferior < 1e-6);
    // An absolute margin of the same size in the metric's unit is nearly the same question.
    let absolute = noninferiority_test(&effect, Margin::Absolute(1.0), Direction::Up, alpha()).unwrap();
    assert_close(absolute.statistic, 1.0 / effect.variance.sqrt(), 1e-12);
    let tuning = SequentialTuning::new(alpha(), 2000.0).unwrap();
    let sequential =
        sequential_noninferiority_test(&effect, margin, Direction::Up, &tuning, alpha()).unwrap();
    assert_close(sequential.statistic, up.statistic, 1e-12);
    assert!(sequential.p_value_noninferior > up.p_value_noninferior);
    assert_eq!(sequential.p_value_inferior, 1.0);
    assert!(noninferiority_test(&effect, Margin::Relative(0.0), Direction::Up, alpha()).is_err());
    assert!(noninferiority_test(&effect, Margin::Absolute(-1.0), Direction::Up, alpha()).is_err());
}

#[test]
fn drift_over_days_is_flagged_after_a_week() {
    let days = |count: u32, slope: f64| -> Vec<(f64, GroupEffect)> {
        (0..count)
            .map(|day| {
                let day = f64::from(day);
                // Alternating noise that no slope can follow, and days of different precision.
                let noise = if day % 2.0 == 0.0 { 0.01 } else { -0.01 };
                let error = 0.02 + 0.001 * day;
                (day, GroupEffect::new(0.1 + slope * day + noise, error).unwrap())
            })
            .collect()
    };
    // statsmodels WLS with cov_type "fixed scale".
    let drift = novelty(&days(10, -0.02)).unwrap();
    assert_close(drift.slope, NOVELTY_SLOPE, 1e-9);
    assert_close(drift.z, NOVELTY_Z, 1e-9);
    assert!(drift.flagged);
    assert!(!novelty(&days(6, -0.2)).unwrap().flagged);
    assert!(!novelty(&days(10, 0.0)).unwrap().flagged);
    assert_eq!(novelty(&days(1, 0.0)), None);
    assert_eq!(novelty(&[]), None);
}

const NOVELTY_SLOPE: f64 = -0.020_636_199_043_884_133;
const NOVELTY_Z: f64 = -7.721_522_686_712_412_5;

#[test]
fn forecasts_widen_with_the_days_and_never_fall_below_a_week() {
    let forecast = |units: f64, daily: &[f64], share: f64| forecast_runtime(units, daily, share).unwrap();
    let steady = forecast(100_000.0, &[1000.0; 7], 1.0).unwrap();
    assert_eq!(steady.days, 100);
    assert!(steady.days_low < 100 && steady.days_high.unwrap() > 100);
    let wild = forecast(
        100_000.0,
        &[200.0, 1800.0, 100.0, 1900.0, 1000.0, 500.0, 1500.0],
        1.0,
    )
    .unwrap();
    assert_eq!(wild.days, 100);
    assert!(wild.days_low < steady.days_low && wild.days_high > steady.days_high);
    assert_eq!(forecast(100_000.0, &[1000.0; 7], 0.5).unwrap().days, 200);
    assert_eq!(forecast(10.0, &[1000.0; 7], 1.0).unwrap().days, 7);
    assert_eq!(forecast(10.0, &[0.0; 7], 1.0), None);
    assert_eq!(forecast(10.0, &[5.0; 7], 0.0), None);
    // Three days with one visitor tell nothing about when the last will come.
    assert_eq!(forecast(1000.0, &[0.0, 0.0, 1.0], 1.0).unwrap().days_high, None);
    assert!(forecast_runtime(10.0, &[], 1.0).is_err());
    assert!(forecast_runtime(10.0, &[-1.0], 1.0).is_err());
    assert!(forecast_runtime(10.0, &[1.0], 1.5).is_err());
}

#[test]
fn impact_scales_the_interval_with_the_effect() {
    let interval = Interval {
        low: -0.01,
        high: 0.05,
    };
    let impact = scaled_impact(0.02, interval, 5000.0).unwrap();
    assert_close(impact.estimate, 100.0, 1e-12);
    assert_close(impact.interval.low, -50.0, 1e-12);
    assert_close(impact.interval.high, 250.0, 1e-12);
    assert!(scaled_impact(0.02, interval, -1.0).is_err());
}

/// Rows of a unit: numerator and denominator after, numerator and denominator before.
fn rows(seed: u32) -> Vec<[f64; 4]> {
    (0..200_u32)
        .map(|unit| {
            // A small linear congruence: any fixed rows will do.
            let noise = |k: u32| f64::from((unit * 7919 + k * 104_729 + seed * 1299) % 1009) / 1009.0;
            let activity = 1.0 + 4.0 * noise(1);
            let (den, pre_den) = (activity + noise(2), activity + noise(3));
            [
                den * (0.3 + 0.2 * noise(4)) + 0.2 * activity,
                den,
                pre_den * (0.3 + 0.2 * noise(4)) + 0.2 * activity,
                pre_den,
            ]
        })
        .collect()
}

fn sums(rows: &[[f64; 4]]) -> RatioCovariateArm {
    let total = |f: &dyn Fn(&[f64; 4]) -> f64| -> f64 { rows.iter().map(f).sum() };
    let n = rows.len() as u64;
    let column = |i: usize| Arm::new(n, total(&|row| row[i]), total(&|row| row[i] * row[i])).unwrap();
    let product = |i: usize, j: usize| total(&|row| row[i] * row[j]);
    let after = RatioArm::new(column(0), column(1), product(0, 1)).unwrap();
    let before = RatioArm::new(column(2), column(3), product(2, 3)).unwrap();
    let cross = [[product(0, 2), product(0, 3)], [product(1, 2), product(1, 3)]];
    RatioCovariateArm::new(after, before, cross).unwrap()
}

/// The linearised rows, `u` after and `u` before, as a plain outcome with a covariate.
fn linearised(rows: &[[f64; 4]]) -> CovariateArm {
    let n = rows.len() as u64;
    let total = |i: usize| -> f64 { rows.iter().map(|row| row[i]).sum() };
    let pairs: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| {
            let linear = |num: usize, den: usize| {
                let ratio = total(num) / total(den);
                let mean = total(den) / 200.0;
                (row[num] - ratio * row[den]) / mean + ratio
            };
            (linear(0, 1), linear(2, 3))
        })
        .collect();
    let of = |f: &dyn Fn(&(f64, f64)) -> f64| -> f64 { pairs.iter().map(f).sum() };
    CovariateArm::new(
        Arm::new(n, of(&|p| p.0), of(&|p| p.0 * p.0)).unwrap(),
        Arm::new(n, of(&|p| p.1), of(&|p| p.1 * p.1)).unwrap(),
        of(&|p| p.0 * p.1),
    )
    .unwrap()
}

#[test]
fn a_ratio_is_adjusted_as_its_linearised_rows_are() {
    let (control, treatment) = (rows(1), rows(2));
    let got = ratio_covariate_adjusted(&sums(&control), &sums(&treatment)).unwrap();
    let want = covariate_adjusted(&linearised(&control), &linearised(&treatment)).unwrap();
    assert_close(got.theta, want.theta, 1e-9);
    assert_close(got.effect.variance, want.effect.variance, 1e-9);
    assert_close(got.effect.estimate, want.effect.estimate, 1e-9);
    assert_close(got.variance_reduction, want.variance_reduction, 1e-9);
    assert!(got.variance_reduction > 0.2, "{}", got.variance_reduction);
}

#[test]
fn nobody_seen_before_adjusts_nothing() {
    let without = |seed: u32| {
        let rows: Vec<[f64; 4]> = rows(seed)
            .into_iter()
            .map(|row| [row[0], row[1], 0.0, 0.0])
            .collect();
        sums(&rows)
    };
    let adjusted = ratio_covariate_adjusted(&without(1), &without(2)).unwrap();
    assert!(adjusted.covariate_constant && adjusted.theta == 0.0);
    assert_eq!(adjusted.variance_reduction, 0.0);
}

#[test]
fn families_refuse_what_is_no_p_value() {
    assert!(Correction::Holm.adjust(&[Some(f64::NAN)]).is_err());
    assert!(Correction::Holm.adjust(&[Some(-0.1)]).is_err());
    assert_eq!(Correction::BenjaminiHochberg.adjust(&[None]).unwrap(), [None]);
    assert!(e_benjamini_hochberg(&[Some(-1.0)], 0.05).is_err());
    assert_eq!(
        e_benjamini_hochberg(&[Some(f64::INFINITY), None], 0.05).unwrap(),
        [true, false]
    );
    assert!(e_benjamini_hochberg(&[], 0.0).is_err());
}

#[test]
fn a_belief_moves_from_the_prior_to_the_data() {
    let effect = |n: u32| {
        let rate = |percent: u32| bernoulli(u64::from(n), f64::from(n / 100 * percent));
        EffectMoments::of_means(&rate(10), &rate(12)).unwrap()
    };
    let prior = Prior::Normal(NormalPrior::new(0.0, 0.05).unwrap());
    let (small, large) = (
        posterior_relative(&effect(100), prior).unwrap(),
        posterior_relative(&effect(10_000_000), prior).unwrap(),
    );
    assert!(small.mean < 0.01 && small.standard_deviation > 0.045);
    assert_close(large.mean, 0.2, 1e-3);
    assert!(NormalPrior::new(0.0, 0.0).is_err());
    assert!(NormalPrior::new(f64::NAN, 1.0).is_err());
    assert_eq!(
        posterior_relative(
            &EffectMoments::of_means(&bernoulli(9, 0.0), &bernoulli(9, 4.0)).unwrap(),
            prior
        ),
        Err(Unestimable::ZeroBaseline)
    );
}
