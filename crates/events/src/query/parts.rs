//! The sums of a part of the identities: of a day, or of a level of a dimension.

use super::exposure_table::Variants;
use super::sums::{Capped, VariantSums};
use crate::breakdown::SettledMetric;
use crate::metric::{MetricKind, MetricStatistics};

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

    /// Adds the numbers of an identity, not capped yet.
    pub(crate) fn add(
        &mut self,
        metric: usize,
        place: usize,
        settled: &SettledMetric,
        first: f64,
        second: Option<f64>,
    ) {
        let beside = second.map_or_else(Capped::default, |second| settled.second_thresholds.cap(second));
        self.sums[metric][place].add(settled.thresholds.cap(first), beside);
    }

    /// The statistics of the metrics; every variant is there.
    pub(crate) fn finish(self, variants: &[String], metrics: &[SettledMetric]) -> Vec<MetricStatistics> {
        let all = metrics.iter().zip(self.sums).map(|(metric, sums)| {
            let has_second = !matches!(metric.query.kind, MetricKind::Plain);
            let finished = sums.into_iter().map(|sums| sums.finish(has_second));
            MetricStatistics {
                metric_id: metric.query.metric_id,
                thresholds: metric.thresholds,
                second_thresholds: metric.second_thresholds,
                variants: variants.iter().cloned().zip(finished).collect(),
            }
        });
        all.collect()
    }
}

/// For each variant that was seen, its place among those that were asked for.
pub(crate) fn places(seen: &Variants, asked: &[String]) -> Vec<Option<usize>> {
    let place = |name: &String| asked.iter().position(|asked| asked == name);
    seen.names().iter().map(place).collect()
}
