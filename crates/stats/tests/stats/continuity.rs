//! What one look leaves to the next, and what is forecast.

use std::collections::BTreeMap;

use liftgate_stats::results::{History, MetricData, VariantVerdict, VerdictMethod};
use liftgate_stats::{
    Aggregation, AnalysisInput, Correction, Direction, MetricInput, Stratum, Unestimable, analyze,
    e_benjamini_hochberg, merge_sparse_strata, post_stratified,
};

use crate::support::{arm, bernoulli};

fn look(control: f64, treated: f64, history: &History) -> AnalysisInput {
    let arms = [
        ("control", bernoulli(10_000, control)),
        ("b", bernoulli(10_000, treated)),
    ];
    let variants = arms.map(|(key, arm)| (key.to_owned(), arm)).into();
    let metric = MetricInput::of_sums(7, Aggregation::Occurrence, Direction::Up, variants);
    AnalysisInput {
        observed: BTreeMap::from([("control".to_owned(), 10_000), ("b".to_owned(), 10_000)]),
        metrics: vec![metric],
        history: history.clone(),
        ..AnalysisInput::default()
    }
}

fn history_of(input: &AnalysisInput) -> History {
    History::from_payload(&serde_json::to_value(analyze(input)).unwrap())
}

#[test]
fn a_look_without_an_effect_loses_nothing() {
    let first = history_of(&look(500.0, 700.0, &History::default()));
    let found = first.comparisons[&(7, "b".to_owned())].clone();
    assert!(found.p_value_anytime < 1e-4 && found.estimate_at_least_p_value.unwrap() > 0.019);
    // Nothing varies; control is missing.
    let constant = look(0.0, 0.0, &first);
    let mut missing = look(500.0, 700.0, &first);
    missing.metrics[0].variants.remove("control");
    for input in [constant, missing] {
        let payload = analyze(&input);
        let sequential = payload.metrics[0].analysis["b"].sequential.clone().unwrap();
        assert_eq!(sequential.ci_low, None);
        assert_eq!(history_of(&input).comparisons[&(7, "b".to_owned())], found);
    }
    // Where nothing was found before, there is nothing to say.
    let nothing = analyze(&look(0.0, 0.0, &History::default()));
    assert_eq!(nothing.metrics[0].analysis["b"].sequential, None);
}

#[test]
fn an_effect_that_has_turned_is_neither_a_win_nor_a_loss() {
    let first = history_of(&look(500.0, 700.0, &History::default()));
    let verdict = |treated: f64| analyze(&look(500.0, treated, &first)).metrics[0].analysis["b"].verdict;
    assert_eq!(verdict(501.0), VariantVerdict::Win);
    assert_eq!(verdict(499.0), VariantVerdict::Inconclusive);
    // What is found the other way, with more evidence, is a loss.
    assert_eq!(verdict(200.0), VariantVerdict::Loss);
}

#[test]
fn a_scheduled_test_keeps_the_side_on_which_it_stopped() {
    let at = |treated: f64, day: f64, history: &History| {
        let mut input = look(500.0, treated, history);
        input.settings.planned_units = Some(20_000.0);
        input.settings.verdict_method = VerdictMethod::GroupSequential;
        input.progress.days_run = day;
        input
    };
    let stopped = history_of(&at(700.0, 1.0, &History::default()));
    let verdict = |treated: f64| analyze(&at(treated, 2.0, &stopped)).metrics[0].analysis["b"].verdict;
    assert_eq!(verdict(510.0), VariantVerdict::Win);
    assert_eq!(verdict(200.0), VariantVerdict::Inconclusive);
}

#[test]
fn days_left_have_a_band_and_a_least() {
    let mut input = look(500.0, 510.0, &History::default());
    input.settings.planned_units = Some(40_000.0);
    input.progress.days_run = 10.0;
    input.progress.rollout_share = 1.0;
    input.progress.daily_new_units = vec![1900.0, 2100.0, 2000.0, 1800.0, 2200.0, 2000.0, 2000.0];
    let power = |input: &AnalysisInput| analyze(input).metrics[0].analysis["b"].power.unwrap();
    let plain = power(&input);
    assert_eq!(plain.days_left, Some(10));
    assert!(plain.days_left_low.unwrap() <= 10 && plain.days_left_high.unwrap() >= 11);
    // Of the new units of three even arms the pair gets two thirds.
    let third = input.metrics[0].variants["b"];
    input.metrics[0].variants.insert("c".to_owned(), third);
    assert_eq!(power(&input).days_left, Some(15));
    input.metrics[0].variants.remove("c");
    // A few units are missing, but not even a week is over.
    input.settings.planned_units = Some(20_100.0);
    input.progress.days_run = 2.5;
    assert_eq!(power(&input).days_left, Some(5));
    input.progress.is_final = true;
    assert_eq!(power(&input).days_left, None);
    input.progress.is_final = false;
    input.settings.planned_units = None;
    assert_eq!(power(&input).days_left, None);
}

#[test]
fn e_values_are_corrected_as_the_rule_of_rejection_does() {
    let e_values = [Some(100.0), Some(30.0), None, Some(50.0), Some(2.0), Some(0.0)];
    let inverses = e_values.map(|e: Option<f64>| e.map(|e| (1.0 / e).min(1.0)));
    let adjusted = Correction::EBenjaminiHochberg.adjust(&inverses).unwrap();
    for q in [0.01, 0.05, 0.1, 0.5, 1.0] {
        let found: Vec<bool> = adjusted
            .iter()
            .map(|value| value.is_some_and(|value| value <= q))
            .collect();
        if q < 1.0 {
            assert_eq!(found, e_benjamini_hochberg(&e_values, q).unwrap(), "at {q}");
        }
    }
    // In the payload: e-values of this look, and a correction of the fixed tests that asks as little of them.
    let first = history_of(&look(500.0, 700.0, &History::default()));
    let mut input = look(500.0, 501.0, &first);
    input.settings.goal_correction = Correction::EBenjaminiHochberg;
    let analysis = analyze(&input).metrics[0].analysis["b"].clone();
    assert_eq!(analysis.adjusted_p_value.unwrap().method, "benjamini_yekutieli");
    let sequential = analysis.sequential.unwrap();
    assert!(sequential.p_value_anytime < 1e-4);
    assert_eq!(sequential.adjusted_p_value_anytime, Some(1.0));
    assert_eq!(analysis.verdict, VariantVerdict::Inconclusive);
}

#[test]
fn strata_too_small_for_a_variance_are_put_together() {
    let stratum = |control: u64, treatment: u64, mean: f64| {
        let of = |n: u64| {
            let units = f64::from(u32::try_from(n).unwrap());
            arm(n, units * mean, units * (mean * mean + 1.0))
        };
        Stratum {
            control: of(control),
            treatment: of(treatment),
        }
    };
    let big = [stratum(50, 60, 1.0), stratum(40, 30, 2.0)];
    assert_eq!(merge_sparse_strata(&big).unwrap(), big);
    let strata = [big[0], stratum(1, 5, 3.0), big[1], stratum(4, 1, 5.0)];
    assert_eq!(post_stratified(&strata), Err(Unestimable::SparseStratum));
    let merged = merge_sparse_strata(&strata).unwrap();
    assert_eq!(
        (merged.len(), merged[2].control.n(), merged[2].treatment.n()),
        (3, 5, 6)
    );
    assert_eq!(merged[2].control.sum(), 23.0);
    let effect = post_stratified(&merged).unwrap();
    assert_eq!(effect.units, 191);
    // One small stratum takes the smallest of the others to itself.
    let merged = merge_sparse_strata(&[big[0], big[1], stratum(0, 1, 9.0)]).unwrap();
    assert_eq!(
        (merged.len(), merged[1].control.n(), merged[1].treatment.n()),
        (2, 40, 31)
    );
    assert_eq!(merge_sparse_strata(&[stratum(1, 1, 1.0)]).unwrap().len(), 1);

    // An attribute is analysed so; periods of different weights never are.
    let mut input = look(500.0, 510.0, &History::default());
    input.metrics[0].data = MetricData::Strata(BTreeMap::from([("b".to_owned(), strata.to_vec())]));
    assert_eq!(
        analyze(&input).metrics[0].analysis["b"]
            .absolute
            .unwrap()
            .estimate,
        effect.estimate
    );
    input.metrics[0].data = MetricData::Periods(BTreeMap::from([("b".to_owned(), strata.to_vec())]));
    let status = serde_json::to_value(analyze(&input).metrics[0].analysis["b"].status).unwrap();
    assert_eq!(status, "sparse_stratum");
}
