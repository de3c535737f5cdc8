//! The analysis of an experiment in full: families, histories, guardrails, metric types, the decision.

use std::collections::BTreeMap;

use liftgate_stats::results::{
    AnalysisStatus, ComparisonHistory, History, MetricData, MetricRole, Progress, VariantVerdict,
    VerdictMethod,
};
use liftgate_stats::{
    Aggregation, AnalysisInput, Arm, CovariateArm, Decision, Direction, ExpectedShares, Margin, MetricInput,
    QuantileArm, RatioArm, ResultsPayload, SignificanceLevel, Spending, Stratum, Unestimable, analyze,
    group_sequential_looks,
};
use serde_json::Value;

use crate::support::{arm, assert_close, bernoulli};

fn arms(of: &[(&str, Arm)]) -> BTreeMap<String, Arm> {
    of.iter().map(|(key, arm)| ((*key).to_owned(), *arm)).collect()
}

fn occurrence(metric_id: i64, of: &[(&str, Arm)]) -> MetricInput {
    MetricInput::of_sums(metric_id, Aggregation::Occurrence, Direction::Up, arms(of))
}

/// An experiment of some metrics, ten days old, that divided evenly.
fn experiment(metrics: Vec<MetricInput>) -> AnalysisInput {
    let observed: BTreeMap<String, u64> = metrics[0]
        .variants
        .iter()
        .map(|(key, arm)| (key.clone(), arm.n()))
        .collect();
    AnalysisInput {
        expected_shares: ExpectedShares::new(observed.keys().cloned().map(|key| (key, 1.0))).unwrap(),
        observed,
        metrics,
        progress: Progress {
            as_of: Some("2026-11-24T10:00:00Z".to_owned()),
            days_run: 10.0,
            rollout_share: 1.0,
            ..Progress::default()
        },
        ..AnalysisInput::default()
    }
}

fn json_of(payload: &ResultsPayload) -> Value {
    serde_json::to_value(payload).unwrap()
}

#[test]
fn a_clear_win_ships_and_says_why() {
    let input = experiment(vec![occurrence(
        7,
        &[
            ("control", bernoulli(10_000, 500.0)),
            ("b", bernoulli(10_000, 700.0)),
        ],
    )]);
    let payload = json_of(&analyze(&input));
    let analysis = &payload["metrics"][0]["analysis"]["b"];
    assert_eq!(analysis["status"], "ok");
    assert_eq!(analysis["verdict"], "win");
    assert_eq!(analysis["absolute"]["method"], "welch");
    assert_eq!(analysis["relative"]["method"], "fieller");
    assert_eq!(analysis["sequential"]["n_star"], 20_000.0);
    assert_eq!(
        analysis["sequential"]["first_significant_at"],
        "2026-11-24T10:00:00Z"
    );
    assert_eq!(analysis["bayesian"]["stopping_rule_valid"], false);
    assert_eq!(payload["decision"]["decision"], "ship");
    assert_eq!(payload["decision"]["because"][0], "goal 7 wins");
    // At N = N* the multiplier is that of the contract.
    assert_close(
        analysis["sequential"]["multiplier"].as_f64().unwrap(),
        3.035_208_990_376_253,
        1e-12,
    );
}

#[test]
fn nothing_is_said_before_there_is_enough() {
    let of = |n: u64, control: f64, treatment: f64| {
        let input = experiment(vec![occurrence(
            7,
            &[("control", bernoulli(n, control)), ("b", bernoulli(n, treatment))],
        )]);
        analyze(&input).metrics[0].analysis["b"].clone()
    };
    let few_events = of(5000, 9.0, 120.0);
    let sequential = few_events.sequential.unwrap();
    assert!(!sequential.ready && sequential.p_value_anytime == 1.0);
    assert_eq!(few_events.verdict, VariantVerdict::Inconclusive);
    let absolute = few_events.absolute.unwrap();
    assert_eq!(absolute.method, "newcombe");
    assert!(absolute.fisher_p_value.unwrap() < 1e-20);
    assert!(of(5000, 10.0, 120.0).sequential.unwrap().ready);
    assert!(!of(99, 30.0, 60.0).sequential.unwrap().ready);
}

#[test]
fn zero_events_are_a_result() {
    let input = experiment(vec![occurrence(
        7,
        &[("control", bernoulli(500, 0.0)), ("b", bernoulli(500, 5.0))],
    )]);
    let payload = json_of(&analyze(&input));
    let analysis = &payload["metrics"][0]["analysis"]["b"];
    assert_eq!(analysis["status"], "zero_baseline");
    assert_eq!(analysis["absolute"]["method"], "newcombe");
    assert!(analysis["absolute"]["ci_low"].as_f64().unwrap() > 0.0);
    assert_eq!(analysis["relative"]["status"], "unbounded_relative");
    assert_eq!(analysis["relative"]["lift"], Value::Null);
    assert_eq!(payload["metrics"][0]["inference"]["b"], Value::Null);
}

#[test]
fn goals_are_one_family_and_secondary_metrics_another() {
    let pair = |id: i64, treated: f64| {
        occurrence(
            id,
            &[
                ("control", bernoulli(10_000, 500.0)),
                ("b", bernoulli(10_000, treated)),
            ],
        )
    };
    let mut secondary = pair(3, 580.0);
    secondary.role = MetricRole::Secondary;
    let mut guardrail = pair(4, 505.0);
    guardrail.role = MetricRole::Guardrail(Margin::Relative(0.5));
    let payload = analyze(&experiment(vec![
        pair(1, 570.0),
        pair(2, 560.0),
        secondary,
        guardrail,
    ]));
    let of = |index: usize| &payload.metrics[index].analysis["b"];
    let p = |index: usize| of(index).absolute.unwrap().p_value.unwrap();
    let adjusted = |index: usize| of(index).adjusted_p_value.unwrap();
    assert_eq!(adjusted(0).method, "holm");
    assert_close(adjusted(0).value, 2.0 * p(0), 1e-12);
    assert_close(adjusted(1).value, (2.0 * p(0)).max(p(1)), 1e-12);
    assert_eq!(adjusted(2).method, "benjamini_hochberg");
    assert_close(adjusted(2).value, p(2), 1e-12);
    assert_eq!(of(3).adjusted_p_value, None);
    assert_eq!(of(3).verdict, VariantVerdict::Pass);
    // The interval that goes with a corrected p-value is wider than the plain one.
    assert!(adjusted(0).ci_low.unwrap() < of(0).absolute.unwrap().ci_low.unwrap());
}

#[test]
fn guardrails_roll_back() {
    let goal = occurrence(
        1,
        &[
            ("control", bernoulli(20_000, 1000.0)),
            ("b", bernoulli(20_000, 1300.0)),
        ],
    );
    let mut latency = MetricInput::of_sums(
        2,
        Aggregation::Mean,
        Direction::Down,
        arms(&[
            ("control", arm(20_000, 2_000_000.0, 208_000_000.0)),
            ("b", arm(20_000, 2_200_000.0, 250_000_000.0)),
        ]),
    );
    latency.role = MetricRole::DEFAULT_GUARDRAIL;
    let payload = analyze(&experiment(vec![goal, latency]));
    let guardrail = payload.metrics[1].analysis["b"].guardrail.unwrap();
    assert_eq!(guardrail.method, "asymptotic_cs");
    assert!(guardrail.p_value_inferior < 0.05);
    assert_eq!(payload.metrics[1].analysis["b"].verdict, VariantVerdict::Fail);
    assert!(payload.metrics[1].zero_filled);
    assert_eq!(payload.decision.decision, Decision::Rollback);
    assert_eq!(payload.decision.because, ["guardrail 2 fails"]);
}

#[test]
fn what_earlier_looks_found_stays_and_can_be_read_from_the_payload() {
    let metric = occurrence(
        7,
        &[
            ("control", bernoulli(10_000, 500.0)),
            ("b", bernoulli(10_000, 700.0)),
        ],
    );
    let first = analyze(&experiment(vec![metric]));
    let history = History::from_payload(&json_of(&first));
    let found = &history.comparisons[&(7, "b".to_owned())];
    assert!(found.p_value_anytime < 1e-4);
    assert_eq!(history.srm_p_value_anytime, first.srm.p_value_anytime);

    // At the next look the effect is gone; the evidence is not.
    let metric = occurrence(
        7,
        &[
            ("control", bernoulli(20_000, 1000.0)),
            ("b", bernoulli(20_000, 1010.0)),
        ],
    );
    let second = AnalysisInput {
        history: history.clone(),
        ..experiment(vec![metric])
    };
    let second = analyze(&second);
    let sequential = second.metrics[0].analysis["b"].sequential.clone().unwrap();
    assert_eq!(sequential.p_value_anytime, found.p_value_anytime);
    assert_eq!(sequential.first_significant_at, found.first_significant_at);
    assert!(sequential.log_e_value.unwrap() < 0.0);
    assert_eq!(History::from_payload(&Value::Null), History::default());
    assert_eq!(ComparisonHistory::default().p_value_anytime, 1.0);
}

#[test]
fn scheduled_looks_stop_where_monitoring_does_not() {
    let looks = group_sequential_looks(
        &[0.5, 1.0],
        SignificanceLevel::FIVE_PERCENT,
        Spending::OBrienFleming,
    )
    .unwrap();
    let at = |units: u32, day: f64| {
        let converted = |share: f64| bernoulli(u64::from(units), (f64::from(units) * share).round());
        let metric = occurrence(7, &[("control", converted(0.05)), ("b", converted(0.057))]);
        let mut input = experiment(vec![metric]);
        input.settings.planned_units = Some(20_000.0);
        input.settings.verdict_method = VerdictMethod::GroupSequential;
        input.progress.days_run = day;
        input
    };
    // Within the first day there is no look.
    let early = analyze(&at(5_000, 0.9));
    assert_eq!(early.group_sequential, None);
    assert_eq!(early.metrics[0].analysis["b"].group_sequential, None);

    let first = analyze(&at(5_000, 1.0));
    let test = first.metrics[0].analysis["b"].group_sequential.unwrap();
    assert!(!test.crossed && test.looks == 1 && test.ci_low.unwrap() < 0.0);
    assert_eq!(first.group_sequential.as_ref().unwrap().looks["b"], looks[..1]);

    // Another one on the same day, or one that somebody asks for, spends nothing, whatever it sees.
    for (day, is_requested) in [(1.9, false), (2.0, true)] {
        let mut input = at(10_000, day);
        input.history = History::from_payload(&json_of(&first));
        input.progress.is_requested = is_requested;
        let between = analyze(&input);
        let analysis = &between.metrics[0].analysis["b"];
        let test = analysis.group_sequential.unwrap();
        assert!(!test.crossed && test.ci_low.is_none() && test.looks == 1);
        assert_eq!(analysis.verdict, VariantVerdict::Inconclusive);
        assert_eq!(between.group_sequential, first.group_sequential);
    }

    let mut input = at(10_000, 2.0);
    input.history = History::from_payload(&json_of(&first));
    let second = analyze(&input);
    assert_eq!(second.group_sequential.as_ref().unwrap().looks["b"], looks);
    let analysis = second.metrics[0].analysis["b"].clone();
    let test = analysis.group_sequential.unwrap();
    assert!(test.crossed && test.looks == 2 && test.ci_low.unwrap() > 0.0);
    assert!(analysis.sequential.unwrap().p_value_anytime > 0.05);
    assert_eq!(analysis.verdict, VariantVerdict::Win);
    // The units are there, but the week is not over.
    assert_eq!(analysis.power.unwrap().days_left, Some(5));

    // With the information that was planned the test is over; what it found stays.
    let mut input = at(20_000, 3.0);
    input.history = History::from_payload(&json_of(&second));
    let after = analyze(&input);
    assert_eq!(after.group_sequential.unwrap().looks["b"], looks);
    assert_eq!(after.metrics[0].analysis["b"].verdict, VariantVerdict::Win);

    // By the sequential method the same numbers are no finding.
    let mut input = at(10_000, 8.0);
    input.settings.verdict_method = VerdictMethod::Sequential;
    let without = analyze(&input);
    assert_eq!(
        without.metrics[0].analysis["b"].verdict,
        VariantVerdict::Inconclusive
    );
    assert_eq!(without.group_sequential, None);
    assert_eq!(without.decision.decision, Decision::StopInconclusive);
}

#[test]
fn the_looks_of_a_family_share_its_level() {
    let arms = || {
        [
            ("control", bernoulli(5_000, 250.0)),
            ("b", bernoulli(5_000, 260.0)),
            ("c", bernoulli(4_000, 200.0)),
        ]
    };
    let mut input = experiment(vec![occurrence(1, &arms()), occurrence(2, &arms())]);
    input.settings.planned_units = Some(20_000.0);
    input.settings.verdict_method = VerdictMethod::GroupSequential;
    let spent = analyze(&input).group_sequential.unwrap();
    assert_close(spent.alpha_per_comparison, 0.0125, 1e-15);
    assert_close(spent.looks["b"][0].information, 0.5, 1e-15);
    assert_close(spent.looks["c"][0].information, 0.45, 1e-15);
    let alone = group_sequential_looks(
        &[0.5],
        SignificanceLevel::new(0.0125).unwrap(),
        Spending::OBrienFleming,
    );
    assert_eq!(spent.looks["b"], alone.unwrap());
}

#[test]
fn a_fixed_horizon_is_judged_at_its_end() {
    let metric = || {
        occurrence(
            7,
            &[
                ("control", bernoulli(10_000, 500.0)),
                ("b", bernoulli(10_000, 570.0)),
            ],
        )
    };
    let mut input = experiment(vec![metric()]);
    input.settings.verdict_method = VerdictMethod::Fixed;
    let running = analyze(&input);
    assert!(running.metrics[0].analysis["b"].adjusted_p_value.unwrap().value < 0.05);
    assert_eq!(
        running.metrics[0].analysis["b"].verdict,
        VariantVerdict::Inconclusive
    );
    input.progress.is_final = true;
    assert_eq!(
        analyze(&input).metrics[0].analysis["b"].verdict,
        VariantVerdict::Win
    );
}

#[test]
fn every_metric_type_reduces_to_the_same_analysis() {
    let outcome = |sum: f64| arm(1000, sum, sum * sum / 1000.0 + 4000.0);
    let covariate = arm(1000, 5000.0, 29_000.0);
    let with_covariate = |sum: f64| CovariateArm::new(outcome(sum), covariate, 5.0 * sum + 3000.0).unwrap();
    let ratio =
        |sum: f64| RatioArm::new(outcome(sum), arm(1000, 4000.0, 17_000.0), 4.0 * sum + 500.0).unwrap();
    let plain = arms(&[("control", outcome(10_000.0)), ("b", outcome(10_500.0))]);
    let keyed = |key: &str| key.to_owned();
    let kinds = [
        MetricData::Covariate(BTreeMap::from([
            (keyed("control"), with_covariate(10_000.0)),
            (keyed("b"), with_covariate(10_500.0)),
        ])),
        MetricData::Ratio(BTreeMap::from([
            (keyed("control"), ratio(10_000.0)),
            (keyed("b"), ratio(10_500.0)),
        ])),
        MetricData::Quantile(BTreeMap::from([
            (keyed("control"), QuantileArm::new(1000, 9.0, 0.01).unwrap()),
            (keyed("b"), QuantileArm::new(1000, 9.5, 0.01).unwrap()),
        ])),
        MetricData::Strata(BTreeMap::from([(
            keyed("b"),
            vec![Stratum {
                control: outcome(10_000.0),
                treatment: outcome(10_500.0),
            }],
        )])),
    ];
    let expected_lifts = [0.05, 0.05, 0.5 / 9.0, 0.05];
    let mut metric = MetricInput::of_sums(1, Aggregation::Sum, Direction::Up, plain);
    let unadjusted = analyze(&experiment(vec![metric.clone()]));
    let unadjusted = unadjusted.metrics[0].analysis["b"].absolute.unwrap();
    for (data, lift) in kinds.into_iter().zip(expected_lifts) {
        metric.data = data;
        let payload = analyze(&experiment(vec![metric.clone()]));
        let analysis = &payload.metrics[0].analysis["b"];
        assert_eq!(analysis.status, AnalysisStatus::Ok);
        assert_close(analysis.relative.unwrap().lift.unwrap(), lift, 1e-9);
        assert!(analysis.sequential.is_some() && analysis.bayesian.is_some());
        if let Some(cuped) = analysis.cuped {
            // Covariance 3 and variance 4 of both: theta 3/4, and 9/16 of the variance goes.
            assert_close(cuped.theta, 0.75, 1e-9);
            assert_close(cuped.variance_reduction, 9.0 / 16.0, 1e-9);
            let adjusted = analysis.absolute.unwrap();
            assert!(adjusted.standard_error < unadjusted.standard_error);
            assert_close(
                cuped.unadjusted_standard_error,
                unadjusted.standard_error.unwrap(),
                1e-12,
            );
        }
        let strata = matches!(metric.data, MetricData::Strata(_));
        assert_eq!(payload.metrics[0].best_arm_probability.is_none(), strata);
    }
}

#[test]
fn missing_arms_have_a_status() {
    let one = occurrence(1, &[("b", bernoulli(100, 5.0))]);
    let empty = occurrence(2, &[("control", bernoulli(1, 0.0)), ("b", bernoulli(100, 5.0))]);
    let payload = analyze(&experiment(vec![one, empty]));
    assert_eq!(
        payload.metrics[0].analysis["b"].status,
        AnalysisStatus::ControlMissing
    );
    assert_eq!(
        payload.metrics[1].analysis["b"].status,
        AnalysisStatus::Unestimable(Unestimable::InsufficientData)
    );
    assert_eq!(
        json_of(&payload)["metrics"][0]["analysis"]["b"]["status"],
        "control_missing"
    );
}

#[test]
fn several_treatments_are_decided_one_by_one() {
    let metric = occurrence(
        7,
        &[
            ("control", bernoulli(10_000, 500.0)),
            ("b", bernoulli(10_000, 720.0)),
            ("c", bernoulli(10_000, 300.0)),
        ],
    );
    let payload = analyze(&experiment(vec![metric]));
    assert_eq!(payload.decision.decision, Decision::Ship);
    assert_eq!(payload.decision.variant.as_deref(), Some("b"));
    assert_eq!(payload.decision.variants["c"], Decision::Rollback);
    let best = payload.metrics[0].best_arm_probability.as_ref().unwrap();
    assert!(best["b"] > 0.999 && best["c"] < 1e-6);
    assert_close(best.values().sum(), 1.0, 1e-12);
}

#[test]
fn a_broken_split_is_investigated_whatever_wins() {
    let metric = occurrence(
        7,
        &[
            ("control", bernoulli(10_000, 500.0)),
            ("b", bernoulli(9_000, 700.0)),
        ],
    );
    let payload = analyze(&experiment(vec![metric]));
    assert!(payload.srm.alarm);
    assert_eq!(payload.decision.decision, Decision::Investigate);
    assert_eq!(payload.decision.because, ["sample ratio mismatch"]);
}

#[test]
fn no_difference_that_matters_is_neutral() {
    let metric = occurrence(
        7,
        &[
            ("control", bernoulli(10_000_000, 1_000_000.0)),
            ("b", bernoulli(10_000_000, 1_000_400.0)),
        ],
    );
    let mut input = experiment(vec![metric]);
    input.settings.target_lift = Some(0.05);
    let analysis = analyze(&input).metrics[0].analysis["b"].clone();
    assert_eq!(analysis.verdict, VariantVerdict::NeutralOk);
    assert!(analysis.power.unwrap().at_target.unwrap() > 0.999);
    input.settings.target_lift = Some(0.001);
    let analysis = analyze(&input).metrics[0].analysis["b"].clone();
    assert_eq!(analysis.verdict, VariantVerdict::Inconclusive);
}
