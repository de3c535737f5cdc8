//! The sample-ratio test. p-values from scipy 1.17.1 `chisquare`.

use std::collections::BTreeMap;

use liftgate_stats::results::{Phase, sample_ratio_by_level};
use liftgate_stats::{
    ExpectedShares, InvalidStatistics, QuarantineStatus, SampleRatioReport, SampleRatioTest, SrmStatus,
    sample_ratio_test,
};

use crate::support::assert_close;

fn shares(weights: &[(&str, f64)]) -> ExpectedShares {
    ExpectedShares::new(weights.iter().copied()).unwrap()
}

fn sample_ratio_report(
    expected: &ExpectedShares,
    observed: &BTreeMap<String, u64>,
    quarantined: u64,
) -> SampleRatioReport {
    let phase = Phase {
        expected_shares: expected.clone(),
        observed: observed.clone(),
    };
    liftgate_stats::sample_ratio_report(&[phase], quarantined, None)
}

fn counts(units: &[(&str, u64)]) -> BTreeMap<String, u64> {
    units
        .iter()
        .map(|(variant, units)| ((*variant).to_owned(), *units))
        .collect()
}

fn check(weights: &[(&str, f64)], units: &[(&str, u64)]) -> SampleRatioTest {
    sample_ratio_test(&shares(weights), &counts(units))
}

#[test]
fn agrees_with_scipy() {
    let two = check(&[("control", 0.5), ("b", 0.5)], &[("control", 5003), ("b", 4997)]);
    assert_close(two.p_value.unwrap(), 0.952_155_634_691_786_7, 1e-12);
    assert_eq!(
        (two.status, two.degrees_of_freedom, two.leaked),
        (SrmStatus::Ok, Some(1), false)
    );
    let three = check(
        &[("control", 33.0), ("b", 17.0), ("c", 50.0)],
        &[("control", 3320), ("b", 1725), ("c", 4955)],
    );
    assert_close(three.statistic.unwrap(), 0.893_859_180_035_643_9, 1e-12);
    assert_close(three.p_value.unwrap(), 0.639_588_940_135_312_2, 1e-12);
}

#[test]
fn needs_a_hundred_units_and_two_live_variants() {
    let weights = [("control", 0.5), ("b", 0.5)];
    assert_eq!(
        check(&weights, &[("control", 50), ("b", 49)]).status,
        SrmStatus::InsufficientData
    );
    assert_eq!(check(&weights, &[("control", 50), ("b", 50)]).p_value, Some(1.0));
    // Counts that overflow when added.
    assert_eq!(
        check(&weights, &[("control", u64::MAX), ("b", u64::MAX)]).p_value,
        Some(1.0)
    );
    let alone = check(&[("control", 1.0), ("b", 0.0)], &[("control", 5000)]);
    assert_eq!(
        (alone.status, alone.p_value, alone.leaked),
        (SrmStatus::NotApplicable, None, false)
    );
    assert_eq!(
        check(&[], &[("control", 5000), ("b", 1)]).status,
        SrmStatus::NotApplicable
    );
}

#[test]
fn an_expected_variant_that_never_appears_counts_as_nobody() {
    let got = check(&[("control", 0.5), ("b", 0.5)], &[("control", 200)]);
    // X^2 = 100^2/100 + 100^2/100 = 200; scipy chi2.sf(200, 1).
    assert_eq!(got.statistic, Some(200.0));
    assert_close(got.p_value.unwrap(), 2.088_487_583_762_545e-45, 1e-12);
}

#[test]
fn units_where_nobody_should_be_are_a_leak_and_do_not_spoil_the_test() {
    let weights = [("control", 0.5), ("b", 0.5), ("c", 0.0)];
    let even = [("control", 500), ("b", 500)];
    assert!(!check(&weights, &even).leaked);
    for stranger in ["c", "unknown"] {
        let mut units = even.to_vec();
        units.push((stranger, 3));
        let got = check(&weights, &units);
        assert_eq!(
            (got.leaked, got.p_value, got.degrees_of_freedom),
            (true, Some(1.0), Some(1))
        );
    }
    assert!(!check(&weights, &[("control", 500), ("b", 500), ("unknown", 0)]).leaked);
    // Nothing can leak from a split that is not known.
    assert!(!check(&[], &even).leaked);
}

#[test]
fn impossible_shares_are_rejected() {
    for share in [-0.1, f64::NAN, f64::INFINITY, 1e-101, 1e101] {
        assert!(
            matches!(
                ExpectedShares::new([("b", share)]),
                Err(InvalidStatistics::Share { .. })
            ),
            "{share}"
        );
    }
    assert_eq!(
        ExpectedShares::new([("b", 0.5), ("b", 0.5)]),
        Err(InvalidStatistics::DuplicateVariant("b".to_owned()))
    );
}

#[test]
fn control_gets_what_the_rollout_override_leaves() {
    let thirds = ExpectedShares::from_allocations([("b", 30.0), ("c", 20.0)]).unwrap();
    assert_eq!(
        (thirds.share("control"), thirds.share("b"), thirds.share("c")),
        (0.5, 0.3, 0.2)
    );
    // Nine times 11.1 and 0.1 add up to 99.99999999999997 in doubles: nobody, not three in 1e16.
    let tenths = (0..9)
        .map(|index| (format!("v{index}"), 11.1))
        .chain([("last".to_owned(), 0.1)]);
    let full = ExpectedShares::from_allocations(tenths).unwrap();
    assert_eq!(full.share("control"), 0.0);
    let rounded_up = ExpectedShares::from_allocations([("b", 70.1), ("c", 29.900_000_000_000_02)]).unwrap();
    assert_eq!(rounded_up.share("control"), 0.0);
    assert_eq!(
        ExpectedShares::from_allocations([("b", 70.0), ("c", 40.0)]),
        Err(InvalidStatistics::OverAllocated(110.0))
    );
    assert!(ExpectedShares::from_allocations([("control", 40.0)]).is_err());
    assert!(ExpectedShares::from_allocations([("b", f64::NAN)]).is_err());
    assert!(ExpectedShares::from_allocations([("b", 60.0), ("c", -10.0)]).is_err());
}

#[test]
fn report_shows_every_variant_and_the_quarantine() {
    let expected = shares(&[("control", 50.0), ("b", 50.0), ("c", 0.0)]);
    let report = sample_ratio_report(&expected, &counts(&[("control", 5003), ("b", 4987)]), 10);
    assert_eq!(
        report.observed,
        counts(&[("b", 4987), ("c", 0), ("control", 5003)])
    );
    assert_eq!(
        report.expected_shares.values().copied().collect::<Vec<_>>(),
        [0.5, 0.0, 0.5]
    );
    assert_eq!(
        (report.quarantined_share, report.quarantine_status),
        (0.001, QuarantineStatus::Ok)
    );
}

#[test]
fn quarantine_warns_above_one_and_fails_above_five_percent() {
    let expected = shares(&[("control", 1.0), ("b", 1.0)]);
    let status = |kept, quarantined| {
        sample_ratio_report(&expected, &counts(&[("control", kept)]), quarantined).quarantine_status
    };
    assert_eq!(status(99, 1), QuarantineStatus::Ok);
    assert_eq!(status(98, 2), QuarantineStatus::Warn);
    assert_eq!(status(95, 5), QuarantineStatus::Warn);
    assert_eq!(status(94, 6), QuarantineStatus::Fail);
    assert_eq!(status(0, 3), QuarantineStatus::Fail);
    assert_eq!(status(0, 0), QuarantineStatus::Ok);
}

#[test]
fn phases_of_other_shares_are_tested_each_by_itself() {
    let phase = |weights: &[(&str, f64)], units: &[(&str, u64)]| Phase {
        expected_shares: shares(weights),
        observed: counts(units),
    };
    let first = phase(&[("control", 0.9), ("b", 0.1)], &[("control", 9000), ("b", 1000)]);
    let second = phase(&[("control", 0.5), ("b", 0.5)], &[("control", 5000), ("b", 5000)]);
    let report = liftgate_stats::sample_ratio_report(&[first.clone(), second.clone()], 0, None);
    assert_eq!(report.phases, 2);
    assert_eq!(report.observed, counts(&[("b", 6000), ("control", 14_000)]));
    assert_eq!(report.p_value, Some(1.0));
    assert!(!report.alarm);
    // The units of both phases together would look broken at the shares in force.
    let pooled = sample_ratio_report(&second.expected_shares, &report.observed, 0);
    assert!(pooled.alarm && pooled.p_value.unwrap() < 1e-100);
    // Evidence adds up over the phases.
    let alone = |phase: &Phase| {
        liftgate_stats::sample_ratio_report(std::slice::from_ref(phase), 0, None)
            .log_e_value
            .unwrap()
    };
    assert_close(report.log_e_value.unwrap(), alone(&first) + alone(&second), 1e-12);
}

#[test]
fn an_alarm_once_raised_stays() {
    let even = shares(&[("control", 1.0), ("b", 1.0)]);
    let phase = Phase {
        expected_shares: even.clone(),
        observed: counts(&[("control", 5000), ("b", 5000)]),
    };
    let report = liftgate_stats::sample_ratio_report(std::slice::from_ref(&phase), 0, Some(0.004));
    assert_eq!(report.p_value_anytime, Some(0.004));
    assert!(report.alarm);
    let report = liftgate_stats::sample_ratio_report(&[phase], 0, Some(0.2));
    assert_eq!((report.p_value_anytime, report.alarm), (Some(0.2), false));
}

#[test]
fn levels_of_a_dimension_show_where_a_mismatch_sits() {
    let even = shares(&[("control", 1.0), ("b", 1.0)]);
    let levels = BTreeMap::from([
        ("android".to_owned(), counts(&[("control", 5200), ("b", 4800)])),
        ("ios".to_owned(), counts(&[("control", 5000), ("b", 5010)])),
        ("watch".to_owned(), counts(&[("control", 3), ("b", 9)])),
    ]);
    let by_level = sample_ratio_by_level(&even, &levels);
    // chi-square 16 with one degree of freedom, times two levels.
    assert_close(by_level["android"].unwrap(), 2.0 * 6.334_248_366_623_996e-5, 1e-9);
    assert!(by_level["ios"].unwrap() > 0.5);
    assert_eq!(by_level["watch"], None);
}
