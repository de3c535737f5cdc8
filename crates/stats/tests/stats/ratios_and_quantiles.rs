//! Metrics that are no means, as the payload tells them.

use std::collections::BTreeMap;

use liftgate_stats::results::{AnalysisStatus, MetricData};
use liftgate_stats::{
    Aggregation, AnalysisInput, Arm, Direction, MetricInput, MetricResult, QuantileArm, RatioArm,
    RatioCovariateArm, Unestimable, analyze,
};

use crate::support::{arm, assert_close};

fn outcome(sum: f64) -> Arm {
    arm(1000, sum, sum * sum / 1000.0 + 4000.0)
}

fn both<T>(control: T, b: T) -> BTreeMap<String, T> {
    BTreeMap::from([("control".to_owned(), control), ("b".to_owned(), b)])
}

fn result(data: MetricData) -> MetricResult {
    let variants = both(outcome(10_000.0), outcome(10_500.0));
    let mut metric = MetricInput::of_sums(1, Aggregation::Sum, Direction::Up, variants);
    metric.data = data;
    let payload = analyze(&AnalysisInput {
        metrics: vec![metric],
        ..AnalysisInput::default()
    });
    payload.metrics.into_iter().next().unwrap()
}

#[test]
fn a_variant_without_a_quantile_has_too_few_numbers() {
    let quantile = |value| QuantileArm::new(1000, value, 0.01).unwrap();
    let found = result(MetricData::Quantile(both(quantile(9.0), quantile(9.5))));
    assert_eq!(found.analysis["b"].status, AnalysisStatus::Ok);
    assert!(found.best_arm_probability.is_some());
    for missing in ["control", "b"] {
        let mut of = both(quantile(9.0), quantile(9.5));
        of.remove(missing);
        let found = result(MetricData::Quantile(of));
        assert_eq!(
            found.analysis["b"].status,
            AnalysisStatus::Unestimable(Unestimable::InsufficientData)
        );
        assert!(found.inference["b"].is_none() && found.best_arm_probability.is_none());
    }
}

#[test]
fn the_inference_of_a_ratio_knows_no_covariate() {
    let denominator = arm(1000, 4000.0, 17_000.0);
    let ratio = |sum: f64| RatioArm::new(outcome(sum), denominator, 4.0 * sum + 500.0).unwrap();
    let with_covariate = |sum: f64, before: f64| {
        // Beside the products of the means, numerators before and after go together.
        let products = [
            [sum * before / 1000.0 + 3000.0, 4.0 * sum],
            [4.0 * before, 16_000.0],
        ];
        RatioCovariateArm::new(ratio(sum), ratio(before), products).unwrap()
    };
    let plain = result(MetricData::Ratio(both(ratio(10_000.0), ratio(10_500.0))));
    let adjusted = result(MetricData::RatioCovariate(both(
        with_covariate(10_000.0, 9_000.0),
        with_covariate(10_500.0, 9_100.0),
    )));
    assert_eq!(adjusted.inference, plain.inference);
    assert_close(plain.inference["b"].unwrap().lift, 0.05, 1e-12);
    let cuped = adjusted.analysis["b"].cuped.unwrap();
    assert!(cuped.theta > 0.0 && cuped.variance_reduction > 0.1);
    let unadjusted = plain.analysis["b"].absolute.unwrap();
    assert_close(cuped.unadjusted_estimate, unadjusted.estimate, 1e-12);
    assert!(adjusted.analysis["b"].absolute.unwrap().standard_error < unadjusted.standard_error);
}
