//! The rules of the `inference` object, one test per rule of the contract, admin-api section 7.8.

use liftgate_stats::{Aggregation, Arm, Direction, Inference, NoInference, infer};

use crate::support::{arm, assert_close, bernoulli};

fn up(control: &Arm, treatment: &Arm, aggregation: Aggregation) -> Result<Inference, NoInference> {
    infer(Some(control), treatment, aggregation, Direction::Up)
}

#[test]
fn agrees_with_an_independent_computation() {
    // mpmath 1.4.1 at 50 digits from v_t/m_c^2 + m_t^2 v_c/m_c^4.
    let got = up(
        &bernoulli(5003, 250.0),
        &bernoulli(4997, 291.0),
        Aggregation::Occurrence,
    )
    .unwrap();
    assert_close(got.lift, 0.165_397_638_583_149_9, 1e-13);
    assert_close(got.ci_low, -0.026_222_750_647_809_507, 1e-12);
    assert_close(got.ci_high, 0.357_018_027_814_109_3, 1e-13);
    assert_close(got.chance_to_win, 0.954_652_986_184_704_3, 1e-13);
}

#[test]
fn lower_is_better_flips_the_chance_only() {
    let (control, treatment) = (bernoulli(5003, 250.0), bernoulli(4997, 291.0));
    let up = up(&control, &treatment, Aggregation::Count).unwrap();
    let down = infer(Some(&control), &treatment, Aggregation::Count, Direction::Down).unwrap();
    let informational = infer(
        Some(&control),
        &treatment,
        Aggregation::Count,
        Direction::Informational,
    )
    .unwrap();
    assert_eq!(
        (down.lift, down.ci_low, down.ci_high),
        (up.lift, up.ci_low, up.ci_high)
    );
    assert_close(down.chance_to_win, 1.0 - up.chance_to_win, 1e-14);
    assert_eq!(informational, up);
}

#[test]
fn control_must_be_there() {
    let got = infer(None, &bernoulli(5003, 250.0), Aggregation::Count, Direction::Up);
    assert_eq!(got, Err(NoInference::ControlMissing));
}

#[test]
fn fifty_units_are_enough_and_forty_nine_are_not() {
    let (enough, few) = (arm(50, 60.0, 100.0), arm(49, 60.0, 100.0));
    assert!(up(&enough, &enough, Aggregation::Count).is_ok());
    assert_eq!(
        up(&few, &enough, Aggregation::Count),
        Err(NoInference::TooFewUnits)
    );
    assert_eq!(
        up(&enough, &few, Aggregation::Count),
        Err(NoInference::TooFewUnits)
    );
    assert_eq!(
        up(&enough, &arm(0, 0.0, 0.0), Aggregation::Count),
        Err(NoInference::TooFewUnits)
    );
}

#[test]
fn five_conversions_are_asked_of_occurrence_metrics_only() {
    let (enough, few) = (bernoulli(100, 5.0), bernoulli(100, 4.0));
    assert!(up(&enough, &enough, Aggregation::Occurrence).is_ok());
    assert_eq!(
        up(&few, &enough, Aggregation::Occurrence),
        Err(NoInference::TooFewConversions)
    );
    assert_eq!(
        up(&enough, &few, Aggregation::Occurrence),
        Err(NoInference::TooFewConversions)
    );
    for aggregation in [Aggregation::Count, Aggregation::Sum, Aggregation::Mean] {
        assert!(up(&enough, &few, aggregation).is_ok());
    }
}

#[test]
fn control_mean_must_be_positive() {
    let treatment = arm(100, 60.0, 100.0);
    for control in [
        arm(100, 0.0, 0.0),
        arm(100, 0.0, 7.0),
        arm(100, -60.0, 100.0),
        arm(100, 1e-200, 50.0),
    ] {
        assert_eq!(
            up(&control, &treatment, Aggregation::Sum),
            Err(NoInference::BaselineNotPositive)
        );
    }
}

#[test]
fn without_variance_the_interval_has_no_width_and_the_chance_no_doubt() {
    let one = bernoulli(100, 100.0);
    let two = arm(100, 200.0, 400.0);
    let zero = arm(100, 0.0, 0.0);
    for (control, treatment, lift, chance) in
        [(one, one, 0.0, 0.5), (one, two, 1.0, 1.0), (two, one, -0.5, 0.0)]
    {
        let want = |chance_to_win| {
            Ok(Inference {
                lift,
                ci_low: lift,
                ci_high: lift,
                chance_to_win,
            })
        };
        assert_eq!(up(&control, &treatment, Aggregation::Sum), want(chance));
        let down = infer(Some(&control), &treatment, Aggregation::Sum, Direction::Down);
        assert_eq!(down, want(1.0 - chance));
    }
    // A treatment that is identically zero has no delta-method variance although control varies.
    let got = up(&arm(100, 60.0, 100.0), &zero, Aggregation::Sum).unwrap();
    assert_eq!(
        (got.lift, got.ci_low, got.ci_high, got.chance_to_win),
        (-1.0, -1.0, -1.0, 0.0)
    );
}
