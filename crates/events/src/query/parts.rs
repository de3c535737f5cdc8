//! The sums of a part of the identities: of a day, or of a level of a dimension.

use super::accumulate::Accumulators;
use super::exposure_table::Variants;
use super::plan::{MetricPlan, NumberPlan};
use super::sums::{Capped, VariantSums};
use crate::breakdown::SettledMetric;
use crate::metric::{MetricKind, MetricStatistics, VariantStatistics};

/// The sums of every metric and of the variants that were asked for.
#[derive(Clone, Debug)]
pub(crate) struct PartSums {
    /// By metric and place of the variant.
    sums: Vec<Vec<VariantSums>>,
}

impl PartSums {
    pub(crate) fn new(metrics: usize, variants: usize) -> Self {
        Self {
            sums: vec![vec![VariantSums::default(); variants]; metrics],
        }
    }

    /// Adds the numbers of an identity.
    pub(crate) fn add(&mut self, metric: usize, place: usize, settled: &SettledMetric, numbers: &Numbers) {
        let number = settled.thresholds.cap(numbers.first);
        let beside = numbers
            .second
            .map_or_else(Capped::default, |second| settled.second_thresholds.cap(second));
        let sums = &mut self.sums[metric][place];
        sums.add(number, beside);
        if let Some(before) = numbers.before {
            let before = [0, 1].map(|at| settled.before_thresholds[at].cap(before[at]));
            sums.add_before([number, beside], before);
        }
    }

    /// The statistics of the metrics; every variant is there.
    pub(crate) fn finish(self, variants: &[String], metrics: &[SettledMetric]) -> Vec<MetricStatistics> {
        let all = metrics.iter().zip(self.sums).map(|(metric, sums)| {
            let has_second = matches!(
                metric.query.kind,
                MetricKind::Ratio { .. } | MetricKind::Covariate { .. }
            );
            let has_before = matches!(
                metric.query.kind,
                MetricKind::Ratio {
                    look_back_ms: Some(_),
                    ..
                }
            );
            let finished = sums.into_iter().map(|sums| {
                let numbers = sums.finish(has_second);
                VariantStatistics {
                    before: has_before.then(|| numbers.before.unwrap_or_default()),
                    ..numbers
                }
            });
            MetricStatistics {
                metric_id: metric.query.metric_id,
                thresholds: metric.thresholds,
                second_thresholds: metric.second_thresholds,
                before_thresholds: metric.before_thresholds,
                variants: variants.iter().cloned().zip(finished).collect(),
            }
        });
        all.collect()
    }
}

/// The numbers of an identity, not capped yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub first: f64,
    /// The denominator or the covariate.
    pub second: Option<f64>,
    /// Numerator and denominator before the exposure.
    pub before: Option<[f64; 2]>,
}

impl Numbers {
    /// What an identity did by the events read so far.
    pub(crate) fn of(accumulators: &Accumulators<'_>, metric: &MetricPlan, identity: usize) -> Self {
        let number = |plan: &NumberPlan| accumulators.number(plan, identity);
        Self {
            first: number(&metric.first),
            second: metric.second.as_ref().map(number),
            before: metric
                .before
                .as_ref()
                .map(|[first, second]| [number(first), number(second)]),
        }
    }
}

/// For each variant that was seen, its place among those that were asked for.
pub(crate) fn places(seen: &Variants, asked: &[String]) -> Vec<Option<usize>> {
    let place = |name: &String| asked.iter().position(|asked| asked == name);
    seen.names().iter().map(place).collect()
}
