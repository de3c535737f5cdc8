//! A real experiment with known answers: the Cookie Cats test of moving a gate from level 30 to level 40.
//!
//! Sums are counts of the published rows; lift, interval and chance are from mpmath 1.4.1 at 50 digits, the split's
//! p-value is from scipy 1.17.1 `chisquare`.

use std::collections::BTreeMap;
use std::fs;

use liftgate_stats::{
    Aggregation, AnalysisInput, Arm, Direction, ExpectedShares, MetricInput, RunningMoments, analyze,
};

use crate::support::{arm, assert_close, bernoulli, shared};

struct Metric {
    aggregation: Aggregation,
    control: Arm,
    gate_40: Arm,
    lift: f64,
    ci_low: f64,
    ci_high: f64,
    chance_to_win: f64,
}

fn metrics() -> [Metric; 3] {
    [
        Metric {
            aggregation: Aggregation::Occurrence,
            control: bernoulli(44_700, 20_034.0),
            gate_40: bernoulli(45_489, 20_119.0),
            lift: -0.013_175_655_859_746_59,
            ci_low: -0.027_554_258_437_813_305,
            ci_high: 0.001_202_946_718_320_123_7,
            chance_to_win: 0.036_248_139_370_596_82,
        },
        Metric {
            aggregation: Aggregation::Occurrence,
            control: bernoulli(44_700, 8502.0),
            gate_40: bernoulli(45_489, 8279.0),
            lift: -0.043_119_034_896_460_164,
            ci_low: -0.069_244_866_665_644_97,
            ci_high: -0.016_993_203_127_275_355,
            chance_to_win: 0.000_608_646_774_969_522_8,
        },
        Metric {
            aggregation: Aggregation::Sum,
            control: arm(44_700, 2_344_795.0, 3_068_811_771.0),
            gate_40: arm(45_489, 2_333_530.0, 605_052_202.0),
            lift: -0.022_065_781_397_397_313,
            ci_low: -0.069_981_179_723_611_43,
            ci_high: 0.025_849_616_928_816_797,
            chance_to_win: 0.183_370_784_766_137_3,
        },
    ]
}

#[test]
fn results_are_the_published_ones() {
    let input = AnalysisInput {
        expected_shares: ExpectedShares::from_allocations([("gate_40", 50.0)]).unwrap(),
        observed: BTreeMap::from([("control".to_owned(), 44_700), ("gate_40".to_owned(), 45_489)]),
        quarantined: 0,
        metrics: (0_i64..)
            .zip(metrics())
            .map(|(metric_id, metric)| {
                MetricInput::of_sums(
                    metric_id,
                    metric.aggregation,
                    Direction::Up,
                    BTreeMap::from([
                        ("control".to_owned(), metric.control),
                        ("gate_40".to_owned(), metric.gate_40),
                    ]),
                )
            })
            .collect(),
        ..AnalysisInput::default()
    };
    let payload = analyze(&input);
    assert_close(payload.srm_p_value.unwrap(), 0.008_607_987_810_836_24, 1e-9);
    for (got, want) in payload.metrics.iter().zip(metrics()) {
        let got = got.inference["gate_40"].unwrap();
        assert_close(got.lift, want.lift, 1e-9);
        assert_close(got.ci_low, want.ci_low, 1e-9);
        assert_close(got.ci_high, want.ci_high, 1e-9);
        assert_close(got.chance_to_win, want.chance_to_win, 1e-9);
    }
}

#[test]
fn moments_of_the_rows_are_those_of_the_sums() {
    let Some(path) = shared("datasets/cookie_cats.csv") else {
        return;
    };
    let rows = fs::read_to_string(path).unwrap();
    let mut moments: BTreeMap<&str, [RunningMoments; 3]> = BTreeMap::new();
    for row in rows.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        let retained = |field: &str| f64::from(u8::from(field.eq_ignore_ascii_case("true")));
        let values = [
            retained(fields[3]),
            retained(fields[4]),
            fields[2].parse().unwrap(),
        ];
        let of_version = moments.entry(fields[1].trim_matches('"')).or_default();
        of_version
            .iter_mut()
            .zip(values)
            .for_each(|(moments, value)| moments.push(value));
    }
    for (index, metric) in metrics().iter().enumerate() {
        for (version, want) in [("gate_30", metric.control), ("gate_40", metric.gate_40)] {
            let got = moments[version][index].arm().unwrap();
            assert_eq!(got.n(), want.n());
            assert_close(got.sum(), want.sum(), 1e-12);
            assert_close(got.sum_squares(), want.sum_squares(), 1e-12);
            assert_close(got.variance().unwrap(), want.variance().unwrap(), 1e-12);
        }
    }
}
