//! Simulated experiments with a covariate and with caps.

use liftgate_stats::simulation::{Metric, Rule, Scenario, Settings, SimulationReport, simulate};

fn run(scenario: Scenario) -> SimulationReport {
    let settings = Settings {
        scenario,
        looks: 5,
        simulations: 1000,
        seed: 11,
        ..Settings::default()
    };
    simulate(&settings, &mut |_| {}).unwrap()
}

const VALUE: Metric = Metric::Normal {
    mean: 10.0,
    standard_deviation: 10.0,
};
const REVENUE: Metric = Metric::Revenue {
    spending_share: 0.2,
    log_mean: 3.0,
    log_standard_deviation: 1.5,
};

#[test]
fn a_covariate_finds_more_and_errs_no_more() {
    let of = |lift: f64, correlation: Option<f64>| {
        run(Scenario {
            covariate_correlation: correlation,
            ..Scenario::new(VALUE, 1000, lift)
        })
    };
    // Four standard errors of a thousand experiments.
    let null = of(0.0, Some(0.8));
    assert!((null.of(Rule::Welch).final_look.share() - 0.05).abs() < 0.028);
    assert!((null.of(Rule::Welch).coverage_final_look.share() - 0.95).abs() < 0.028);
    assert!(null.of(Rule::ConfidenceSequence).any_look.share() < 0.05);
    let power = |correlation| of(0.1, correlation).of(Rule::Welch).final_look.share();
    // With a standard error of 4.47 % the lift is found in 61 % of experiments, with 0.6 of it in 96 %.
    assert!((power(None) - 0.609).abs() < 0.062);
    assert!((power(Some(0.8)) - 0.961).abs() < 0.025);
    // A covariate that has nothing to do with the value is one that does nothing.
    assert!((power(Some(0.0)) - 0.609).abs() < 0.062);
}

#[test]
fn a_cap_is_judged_by_the_lift_that_it_leaves() {
    let capped = Scenario {
        upper_percentile: Some(0.95),
        ..Scenario::new(REVENUE, 5000, 0.3)
    };
    // Of E min(X, c) with c = exp(3 + 1.5 * 1.6449), by numeric integration.
    assert!(
        (capped.true_lift() - 0.208_820_168_381).abs() < 1e-6,
        "{}",
        capped.true_lift()
    );
    assert_eq!(Scenario::new(REVENUE, 5000, 0.3).true_lift(), 0.3);
    let report = run(capped);
    assert!((report.of(Rule::Welch).coverage_final_look.share() - 0.95).abs() < 0.028);
    let plain = run(Scenario::new(REVENUE, 5000, 0.3));
    let power = |report: &SimulationReport| report.of(Rule::Welch).final_look.share();
    assert!(power(&report) > power(&plain) + 0.1);
}

#[test]
fn what_a_metric_cannot_have_is_refused() {
    let settings = |scenario| Settings {
        scenario,
        simulations: 1,
        ..Settings::default()
    };
    for (metric, correlation, percentile) in [
        (REVENUE, Some(0.5), None),
        (VALUE, Some(1.0), None),
        (VALUE, Some(f64::NAN), None),
        (VALUE, None, Some(0.9)),
        (REVENUE, None, Some(1.0)),
        (REVENUE, None, Some(0.4)),
    ] {
        let scenario = Scenario {
            covariate_correlation: correlation,
            upper_percentile: percentile,
            ..Scenario::new(metric, 1000, 0.0)
        };
        assert!(
            simulate(&settings(scenario), &mut |_| {}).is_err(),
            "{scenario:?}"
        );
    }
}
