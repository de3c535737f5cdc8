//! Effects by what the units were when they entered.

use std::collections::BTreeMap;

use liftgate_stats::results::{
    AnalysisSettings, DimensionInput, LevelInput, LevelKey, dimensions, sample_ratio_by_level,
};
use liftgate_stats::{
    Aggregation, Arm, Correction, Direction, EffectMoments, ExpectedShares, GroupEffect, MetricInput,
    heterogeneity,
};

use crate::support::bernoulli;

fn value(name: &str) -> LevelKey {
    LevelKey {
        level: Some(name.to_owned()),
        kind: "value",
    }
}

fn level(name: &str, control: Arm, treatment: Arm) -> LevelInput {
    let arms = BTreeMap::from([("control".to_owned(), control), ("b".to_owned(), treatment)]);
    LevelInput {
        key: value(name),
        metric: MetricInput::of_sums(7, Aggregation::Occurrence, Direction::Up, arms),
    }
}

fn dimension(name: &str, levels: Vec<LevelInput>) -> DimensionInput {
    DimensionInput {
        name: name.to_owned(),
        metrics: vec![(7, BTreeMap::from([("b".to_owned(), levels)]))],
        ..DimensionInput::default()
    }
}

fn group(control: &Arm, treatment: &Arm) -> GroupEffect {
    let effect = EffectMoments::of_means(control, treatment).unwrap();
    GroupEffect::new(effect.estimate, effect.variance.sqrt()).unwrap()
}

#[test]
fn levels_are_compared_and_all_dimensions_corrected_together() {
    let arms = [
        (bernoulli(5_000, 500.0), bernoulli(5_000, 750.0)),
        (bernoulli(5_000, 500.0), bernoulli(5_100, 505.0)),
        (bernoulli(5_000, 500.0), bernoulli(5_000, 560.0)),
    ];
    // A level that is too small has an effect, which is not part of the test.
    let small = (bernoulli(99, 1.0), bernoulli(5_000, 4_900.0));
    let mut levels: Vec<LevelInput> = arms
        .iter()
        .zip(["a", "b", "c"])
        .map(|((control, treatment), name)| level(name, *control, *treatment))
        .collect();
    levels.push(level("d", small.0, small.1));
    let alike = vec![
        level("x", bernoulli(4_000, 400.0), bernoulli(4_000, 440.0)),
        level("y", bernoulli(4_000, 390.0), bernoulli(4_000, 450.0)),
    ];
    let lone = vec![level("only", arms[0].0, arms[0].1)];
    let inputs = [
        dimension("country", levels),
        dimension("platform", alike),
        dimension("plan", lone),
    ];
    let found = dimensions(&inputs, &AnalysisSettings::default(), None);

    let of = |place: usize| &found[place].metrics[0].variants["b"];
    let expected = heterogeneity(&arms.map(|(control, treatment)| group(&control, &treatment))).unwrap();
    let country = of(0).heterogeneity.unwrap();
    assert_eq!((country.q, country.df), (expected.q, 2));
    assert_eq!(Some(country.p_value), expected.p_value);
    assert_eq!(country.i_squared, expected.i_squared);
    assert!(country.p_value < 1e-4);
    assert_eq!(of(0).levels.len(), 4);
    assert_eq!(of(0).levels[3].control_units, 99);
    assert!(of(0).levels[3].estimate.unwrap() > 0.9);
    let platform = of(1).heterogeneity.unwrap();
    assert_eq!(of(2).heterogeneity, None);
    let adjusted = Correction::BenjaminiHochberg
        .adjust(&[Some(country.p_value), Some(platform.p_value)])
        .unwrap();
    assert_eq!(
        [Some(country.adjusted_p_value), Some(platform.adjusted_p_value)],
        adjusted[..]
    );
    assert!(country.adjusted_p_value > country.p_value);
}

#[test]
fn the_split_of_each_level_is_tested_by_holm() {
    let counts = |control: u64, treatment: u64| {
        BTreeMap::from([("control".to_owned(), control), ("b".to_owned(), treatment)])
    };
    let shares = ExpectedShares::new([("control".to_owned(), 1.0), ("b".to_owned(), 1.0)]).unwrap();
    let observed = vec![
        (value("z"), counts(1_000, 1_200)),
        (value("a"), counts(1_000, 1_010)),
        (
            LevelKey {
                level: None,
                kind: "missing",
            },
            counts(20, 30),
        ),
    ];
    let input = DimensionInput {
        name: "country".to_owned(),
        observed: observed.clone(),
        ..DimensionInput::default()
    };
    let settings = AnalysisSettings::default();
    let found = dimensions(std::slice::from_ref(&input), &settings, Some(&shares));
    let named = |number: usize| (number.to_string(), observed[number].1.clone());
    let expected = sample_ratio_by_level(&shares, &(0..3).map(named).collect());
    for (number, split) in found[0].srm.iter().enumerate() {
        assert_eq!(split.key, observed[number].0);
        assert_eq!(split.adjusted_p_value, expected[&number.to_string()]);
    }
    assert!(found[0].srm[0].adjusted_p_value.unwrap() < 0.001);
    assert_eq!(found[0].srm[2].adjusted_p_value, None);
    let untested = dimensions(&[input], &settings, None);
    assert!(
        untested[0]
            .srm
            .iter()
            .all(|split| split.adjusted_p_value.is_none())
    );
    let json = serde_json::to_value(&untested).unwrap();
    assert_eq!(json[0]["srm"][2]["kind"], "missing");
    assert!(json[0]["srm"][2]["level"].is_null());
}
