//! Effects over time.

use std::collections::BTreeMap;

use liftgate_stats::results::{AnalysisSettings, MetricData, MetricSeries, SeriesDay, series};
use liftgate_stats::{
    Aggregation, Arm, Direction, EffectMoments, MetricInput, RatioArm, SequentialTuning, SignificanceLevel,
    confidence_sequence, welch_test,
};

use crate::support::{arm, assert_close, bernoulli};

fn metric(control: Arm, treatment: Arm) -> MetricInput {
    let arms = BTreeMap::from([("control".to_owned(), control), ("b".to_owned(), treatment)]);
    MetricInput::of_sums(7, Aggregation::Sum, Direction::Up, arms)
}

fn day(number: u64, is_complete: bool, cumulative: MetricInput, daily: Option<MetricInput>) -> SeriesDay {
    SeriesDay {
        day: format!("2026-11-{:02}", number + 1),
        is_complete,
        cumulative: vec![cumulative],
        daily: vec![daily],
    }
}

/// Days on which a thousand units of control have a mean of 10 times `activity`, and those of b a lift on it.
fn days(activity: impl Fn(u64) -> f64, lift: impl Fn(u64) -> f64, count: u64) -> Vec<SeriesDay> {
    let of_day = |mean: f64| arm(1_000, 1_000.0 * mean, 1_000.0 * (mean * mean + 4.0));
    (0..count)
        .map(|number| {
            let control = 10.0 * activity(number);
            let daily = metric(of_day(control), of_day(control * (1.0 + lift(number))));
            day(number, true, daily.clone(), Some(daily))
        })
        .collect()
}

fn only(found: &[MetricSeries]) -> &liftgate_stats::results::VariantSeries {
    assert_eq!((found.len(), found[0].metric_id), (1, 7));
    assert_eq!(found[0].variants.keys().collect::<Vec<_>>(), ["b"]);
    &found[0].variants["b"]
}

#[test]
fn each_day_has_the_intervals_of_its_methods() {
    let settings = AnalysisSettings {
        planned_units: Some(4_000.0),
        ..AnalysisSettings::default()
    };
    let (control, treatment) = (bernoulli(1_000, 100.0), bernoulli(1_010, 130.0));
    let found = series(
        &[day(
            0,
            false,
            metric(control, treatment),
            Some(metric(control, treatment)),
        )],
        &settings,
        None,
    );
    let effect = EffectMoments::of_means(&control, &treatment).unwrap();
    let tuning = SequentialTuning::new(SignificanceLevel::FIVE_PERCENT, 4_000.0).unwrap();
    let band = confidence_sequence(&effect, &tuning).unwrap();
    let point = &only(&found).cumulative[0];
    assert_eq!(
        (point.control_units, point.units, point.is_complete),
        (1_000, 1_010, false)
    );
    assert_eq!(
        (point.ci_low, point.ci_high),
        (Some(band.ci_low), Some(band.ci_high))
    );
    assert_eq!(
        point.relative_ci_low,
        band.relative.interval.map(|interval| interval.low)
    );
    assert_eq!(point.standard_error, Some(effect.variance.sqrt()));
    let test = welch_test(&effect, SignificanceLevel::FIVE_PERCENT).unwrap();
    let daily = &only(&found).daily[0];
    assert_eq!(
        (daily.ci_low, daily.ci_high),
        (Some(test.ci_low), Some(test.ci_high))
    );
    assert_eq!(daily.lift, Some(effect.lift().unwrap()));
    assert_eq!(only(&found).novelty, None);
    assert_eq!(only(&found).scaled_impact, None);
}

#[test]
fn a_lift_that_fades_is_flagged_and_one_that_stays_is_not() {
    let settings = AnalysisSettings::default();
    let fading = |number: u64| 0.2 - 0.02 * f64::from(u32::try_from(number).unwrap());
    let found = series(&days(|_| 1.0, fading, 10), &settings, None);
    let novelty = only(&found).novelty.unwrap();
    assert!(novelty.flagged && novelty.z < -3.0, "{novelty:?}");
    assert_eq!((novelty.scale, novelty.days), ("relative", 10));
    assert!((novelty.slope + 0.02).abs() < 0.002, "{novelty:?}");

    let found = series(&days(|_| 1.0, |_| 0.2, 10), &settings, None);
    assert!(!only(&found).novelty.unwrap().flagged);
    // Below seven days nothing is flagged, however steep.
    let found = series(&days(|_| 1.0, fading, 6), &settings, None);
    assert!(!only(&found).novelty.unwrap().flagged);
    // Units that fall asleep take the absolute effect with them, and leave the lift.
    let asleep = |number: u64| 1.0 / f64::from(u32::try_from(number + 1).unwrap());
    let found = series(&days(asleep, |_| 0.2, 10), &settings, None);
    let novelty = only(&found).novelty.unwrap();
    assert!(!novelty.flagged, "{novelty:?}");
}

#[test]
fn what_cannot_be_told_from_zero_is_compared_in_its_own_unit() {
    let settings = AnalysisSettings::default();
    let around = |mean: f64| arm(1_000, 1_000.0 * mean, 1_000.0 * (mean * mean + 4.0));
    let days: Vec<SeriesDay> = (0..9)
        .map(|number| {
            let effect = 1.0 - 0.1 * f64::from(u32::try_from(number).unwrap());
            let daily = metric(around(0.001), around(effect));
            day(number, true, daily.clone(), Some(daily))
        })
        .collect();
    let found = series(&days, &settings, None);
    let novelty = only(&found).novelty.unwrap();
    assert_eq!(novelty.scale, "absolute");
    assert!(
        (novelty.slope + 0.1).abs() < 1e-3 && novelty.flagged,
        "{novelty:?}"
    );
}

#[test]
fn days_under_way_and_days_of_few_units_do_not_count() {
    let settings = AnalysisSettings::default();
    let mut days = days(|_| 1.0, |_| 0.1, 9);
    let few = metric(arm(99, 990.0, 99_000.0), arm(99, 9_900.0, 999_000.0));
    days[0].daily = vec![Some(few)];
    days[8].is_complete = false;
    days[4].daily = vec![None];
    let found = series(&days, &settings, None);
    assert_eq!(only(&found).daily.len(), 8);
    assert_eq!(only(&found).cumulative.len(), 9);
    assert_eq!(only(&found).novelty.unwrap().days, 6);
}

#[test]
fn impact_is_that_of_the_last_day_on_all_eligible_units() {
    let settings = AnalysisSettings::default();
    let days = days(|_| 1.0, |_| 0.1, 3);
    let found = series(&days, &settings, Some(5_000.0));
    let (last, impact) = (&only(&found).cumulative[2], only(&found).scaled_impact.unwrap());
    assert_close(impact.estimate, 5_000.0 * last.estimate.unwrap(), 1e-12);
    assert_close(impact.ci_low, 5_000.0 * last.ci_low.unwrap(), 1e-12);
    assert_close(impact.ci_high, 5_000.0 * last.ci_high.unwrap(), 1e-12);
    // A ratio does not add up over units.
    let sums = arm(1_000, 10_000.0, 104_000.0);
    let ratio = RatioArm::new(sums, bernoulli(1_000, 500.0), 5_000.0).unwrap();
    let mut of_ratio = metric(sums, sums);
    of_ratio.data = MetricData::Ratio(BTreeMap::from([
        ("control".to_owned(), ratio),
        ("b".to_owned(), ratio),
    ]));
    let found = series(&[day(0, true, of_ratio, None)], &settings, Some(5_000.0));
    assert_eq!(only(&found).scaled_impact, None);
    assert_eq!(only(&found).cumulative[0].units, 1_000);
}

#[test]
fn without_numbers_there_is_a_reason() {
    let settings = AnalysisSettings::default();
    assert_eq!(series(&[], &settings, None), []);
    let mut alone = metric(arm(5, 5.0, 5.0), arm(5, 5.0, 5.0));
    alone.variants.remove("control");
    let nobody = metric(arm(0, 0.0, 0.0), arm(0, 0.0, 0.0));
    for (input, status) in [
        (alone, "control_missing"),
        (nobody, "insufficient_data"),
        (metric(arm(9, 9.0, 9.0), arm(9, 9.0, 9.0)), "zero_variance"),
    ] {
        let found = series(&[day(0, true, input.clone(), Some(input))], &settings, Some(1.0));
        let json = serde_json::to_value(&found).unwrap();
        let shown = &json[0]["variants"]["b"];
        assert_eq!(shown["cumulative"][0]["status"], status);
        assert_eq!(shown["daily"][0]["status"], status);
        assert!(shown["cumulative"][0]["ci_low"].is_null());
        assert!(shown["novelty"].is_null() && shown["scaled_impact"].is_null());
    }
}
