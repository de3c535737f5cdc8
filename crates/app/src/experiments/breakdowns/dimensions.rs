//! The results by what the identities were at their first exposure.

use super::Study;
use crate::App;
use crate::error::{Error, Result};
use liftgate_events::{
    DimensionLevels, Level, LevelStatistics, MetricStatistics, RatioBefore, SecondStatistics,
    VariantStatistics,
};
use liftgate_stats::results::{DimensionInput, LevelInput, LevelKey, dimensions};
use liftgate_stats::{CONTROL, MIN_UNITS_PER_LEVEL};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The key of the levels that are taken together.
const OTHER: LevelKey = LevelKey {
    level: None,
    kind: "other",
};

impl Study<'_> {
    /// The payload of the dimensions named.
    pub(super) async fn dimensions(&self, app: &App, names: &[String], variants: &[String]) -> Result<Value> {
        let found = match names {
            [] => Vec::new(),
            _ => {
                let settled = self.settled();
                let asked = app
                    .events
                    .dimension_statistics(self.query, names, variants, &settled);
                asked.await.map_err(Error::internal)?.dimensions
            }
        };
        let inputs: Vec<DimensionInput> = found
            .iter()
            .map(|dimension| self.dimension(dimension, variants))
            .collect();
        // One split must have been expected of everybody, and everybody must be here.
        let expected = (self.analysis.earlier_phases.is_empty() && self.variants_left_out() == 0)
            .then_some(&self.analysis.expected_shares);
        Ok(json!({
            "exploratory": true,
            "correction": "benjamini_hochberg",
            "dimensions": dimensions(&inputs, &self.analysis.settings, expected),
            "variants_left_out": self.variants_left_out(),
        }))
    }

    fn dimension(&self, found: &DimensionLevels, variants: &[String]) -> DimensionInput {
        let treatments = || variants.iter().filter(|variant| *variant != CONTROL);
        let metrics = self.asked.iter().enumerate().map(|(metric, asked)| {
            let by_treatment = treatments().map(|treatment| {
                let levels = large_enough(&found.levels, metric, treatment);
                let inputs = levels.into_iter().map(|(key, statistics)| LevelInput {
                    key,
                    metric: self.input(metric, &statistics),
                });
                (treatment.clone(), inputs.collect())
            });
            (asked.metric_id, by_treatment.collect())
        });
        DimensionInput {
            name: found.name.clone(),
            is_truncated: found.is_truncated,
            observed: found
                .levels
                .iter()
                .map(|level| (key(&level.level), level.identities.clone()))
                .collect(),
            metrics: metrics.collect(),
        }
    }
}

fn key(level: &Level) -> LevelKey {
    match level {
        Level::Value(value) => LevelKey {
            level: Some(value.clone()),
            kind: "value",
        },
        Level::Missing => LevelKey {
            level: None,
            kind: "missing",
        },
        Level::Other => OTHER,
    }
}

/// The levels of a metric in which control and the treatment are both large enough, and last all others together, if anybody
/// is in them. Each has these two variants only.
fn large_enough(
    levels: &[LevelStatistics],
    metric: usize,
    treatment: &str,
) -> Vec<(LevelKey, MetricStatistics)> {
    let mut kept = Vec::new();
    let mut rest: Option<MetricStatistics> = None;
    for level in levels {
        let mut statistics = level.metrics[metric].clone();
        statistics
            .variants
            .retain(|variant, _| variant == CONTROL || variant == treatment);
        let arms = || statistics.variants.values();
        let is_large = arms().len() == 2 && arms().all(|arm| arm.n >= MIN_UNITS_PER_LEVEL);
        if is_large && level.level != Level::Other {
            kept.push((key(&level.level), statistics));
        } else if arms().any(|arm| arm.n > 0) {
            rest = Some(match rest {
                Some(rest) => together(rest, &statistics),
                None => statistics,
            });
        }
    }
    kept.extend(rest.map(|rest| (OTHER, rest)));
    kept
}

/// The statistics of two parts that have no identity in common.
fn together(mut one: MetricStatistics, other: &MetricStatistics) -> MetricStatistics {
    let empty = VariantStatistics::default();
    let variants: BTreeMap<String, VariantStatistics> = one
        .variants
        .into_iter()
        .map(|(variant, one)| {
            let other = other.variants.get(&variant).unwrap_or(&empty);
            let second = one.second.map(|one| {
                let other = other.second.unwrap_or_default();
                SecondStatistics {
                    sum: one.sum + other.sum,
                    sum_squares: one.sum_squares + other.sum_squares,
                    cross: one.cross + other.cross,
                    n_capped: one.n_capped + other.n_capped,
                }
            });
            let both = VariantStatistics {
                n: one.n + other.n,
                sum: one.sum + other.sum,
                sum_squares: one.sum_squares + other.sum_squares,
                n_capped: one.n_capped + other.n_capped,
                second,
                before: match (one.before, other.before) {
                    (Some(one), Some(other)) => Some(before_together(&one, &other)),
                    (one, other) => one.or(other),
                },
                quantile: None,
            };
            (variant, both)
        })
        .collect();
    one.variants = variants;
    one
}

fn before_together(one: &RatioBefore, other: &RatioBefore) -> RatioBefore {
    let both = [0, 1];
    RatioBefore {
        sums: both.map(|at| one.sums[at] + other.sums[at]),
        sums_squares: both.map(|at| one.sums_squares[at] + other.sums_squares[at]),
        cross: one.cross + other.cross,
        products: both.map(|i| both.map(|j| one.products[i][j] + other.products[i][j])),
        n_capped: both.map(|at| one.n_capped[at] + other.n_capped[at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_events::Thresholds;

    fn level(level: Level, control: u64, treatment: u64) -> LevelStatistics {
        let arm = |n: u64| {
            let number = f64::from(u32::try_from(n).unwrap_or(u32::MAX));
            VariantStatistics {
                n,
                sum: number,
                sum_squares: 2.0 * number,
                n_capped: n / 2,
                second: Some(SecondStatistics {
                    sum: 3.0 * number,
                    sum_squares: 4.0 * number,
                    cross: 5.0 * number,
                    n_capped: n / 4,
                }),
                ..VariantStatistics::default()
            }
        };
        let named = |of: [(&str, u64); 3]| of.map(|(name, n)| (name.to_owned(), arm(n)));
        LevelStatistics {
            level,
            identities: BTreeMap::new(),
            metrics: vec![MetricStatistics {
                metric_id: 1,
                thresholds: Thresholds::default(),
                second_thresholds: Thresholds::default(),
                before_thresholds: [Thresholds::default(); 2],
                variants: named([(CONTROL, control), ("b", treatment), ("c", 900)]).into(),
            }],
        }
    }

    fn value(name: &str) -> Level {
        Level::Value(name.to_owned())
    }

    #[test]
    fn small_levels_are_taken_together_with_the_rest() {
        let levels = [
            level(value("large"), 100, 100),
            level(value("small"), 400, 99),
            level(Level::Missing, 200, 300),
            level(Level::Other, 500, 500),
        ];
        let found = large_enough(&levels, 0, "b");
        let kinds: Vec<_> = found
            .iter()
            .map(|(key, _)| (key.kind, key.level.as_deref()))
            .collect();
        assert_eq!(
            kinds,
            [("value", Some("large")), ("missing", None), ("other", None)]
        );
        assert!(
            found[0]
                .1
                .variants
                .keys()
                .eq([&"b".to_owned(), &CONTROL.to_owned()])
        );
        let rest = &found[2].1.variants;
        assert_eq!((rest[CONTROL].n, rest["b"].n), (900, 599));
        let second = rest["b"].second.unwrap_or_default();
        let sums = [
            rest["b"].sum,
            rest["b"].sum_squares,
            second.sum,
            second.sum_squares,
            second.cross,
        ];
        let expected = [599.0, 1_198.0, 1_797.0, 2_396.0, 2_995.0_f64];
        assert_eq!(sums.map(f64::to_bits), expected.map(f64::to_bits));
        assert_eq!((rest["b"].n_capped, second.n_capped), (49 + 250, 24 + 125));
    }

    #[test]
    fn nobody_left_means_no_rest() {
        let levels = [level(value("large"), 100, 100), level(Level::Other, 0, 0)];
        assert_eq!(large_enough(&levels, 0, "b").len(), 1);
        // A treatment that is not there has no level.
        assert_eq!(large_enough(&levels[..1], 0, "d")[0].0, OTHER);
    }
}
