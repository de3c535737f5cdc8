//! The metrics of an experiment as questions about events, and the answers as input of the statistics.

use super::quantiles;
use crate::error::{Error, Result};
use crate::metrics::MetricDefinition;
use liftgate_events::{
    Cap, MetricKind, MetricQuery, MetricStatistics, RatioBefore, SecondStatistics, Thresholds,
    VariantStatistics,
};
use liftgate_model::metric::{Aggregation, Direction, ExpectedDirection, ExperimentMetric};
use liftgate_stats::results::{CappedNumbers, MetricData, MetricRole, Winsorised};
use liftgate_stats::{
    self as stats, Arm, CovariateArm, InvalidStatistics, MetricInput, QuantileArm, RatioArm,
    RatioCovariateArm, SignificanceLevel,
};
use std::collections::BTreeMap;

/// What the metrics ask of the events, in their order, when they are judged at a level.
///
/// # Errors
/// `Internal` for a stored definition that does not hold what it should.
pub(super) fn queries(metrics: &[ExperimentMetric], alpha: SignificanceLevel) -> Result<Vec<MetricQuery>> {
    let query = |attached: &ExperimentMetric| {
        MetricDefinition::query(&attached.metric, alpha).map_err(Error::internal)
    };
    metrics.iter().map(query).collect()
}

/// What was found about a metric, for the statistics. A variant whose numbers no identities can have is left out. A metric
/// that must not get worse has the role `guardrail`.
pub(super) fn input(
    attached: &ExperimentMetric,
    query: &MetricQuery,
    found: &MetricStatistics,
    guardrail: MetricRole,
    alpha: SignificanceLevel,
) -> MetricInput {
    let mut arms = Arms::default();
    for (variant, numbers) in &found.variants {
        if let Err(error) = arms.add(variant, numbers, &query.kind, alpha) {
            tracing::warn!(metric.id = attached.metric.id.0, variant, %error, "experiment.statistics_invalid");
        }
    }
    let expected = attached.expected_direction;
    MetricInput {
        metric_id: i64::from(attached.metric.id.0),
        aggregation: match attached.metric.aggregation {
            Aggregation::Count => stats::Aggregation::Count,
            Aggregation::Sum => stats::Aggregation::Sum,
            Aggregation::Mean => stats::Aggregation::Mean,
            Aggregation::Occurrence => stats::Aggregation::Occurrence,
        },
        direction: match attached.metric.direction {
            Direction::Up => stats::Direction::Up,
            Direction::Down => stats::Direction::Down,
            Direction::Informational => stats::Direction::Informational,
        },
        wanted: match expected {
            ExpectedDirection::Increase | ExpectedDirection::NotDecrease => stats::Direction::Up,
            ExpectedDirection::Decrease | ExpectedDirection::NotIncrease => stats::Direction::Down,
        },
        role: match expected {
            ExpectedDirection::Increase | ExpectedDirection::Decrease => MetricRole::Goal,
            ExpectedDirection::NotIncrease | ExpectedDirection::NotDecrease => guardrail,
        },
        variants: arms.plain,
        data: match query.kind {
            MetricKind::Plain => MetricData::Sums,
            // Numbers that say nothing of the time before are those of a ratio without a covariate.
            MetricKind::Ratio {
                look_back_ms: Some(_),
                ..
            } if arms.ratio.is_empty() => MetricData::RatioCovariate(arms.ratio_covariate),
            MetricKind::Ratio { .. } => MetricData::Ratio(arms.ratio),
            MetricKind::Covariate { .. } => MetricData::Covariate(arms.covariate),
            MetricKind::Quantile(_) => MetricData::Quantile(arms.quantile),
        },
        winsorised: winsorised(query, found),
    }
}

/// The statistics of the variants, in the form that the kind of the metric asks for.
#[derive(Default)]
struct Arms {
    plain: BTreeMap<String, Arm>,
    ratio: BTreeMap<String, RatioArm>,
    ratio_covariate: BTreeMap<String, RatioCovariateArm>,
    covariate: BTreeMap<String, CovariateArm>,
    quantile: BTreeMap<String, QuantileArm>,
}

impl Arms {
    fn add(
        &mut self,
        variant: &str,
        numbers: &VariantStatistics,
        kind: &MetricKind,
        alpha: SignificanceLevel,
    ) -> Result<(), InvalidStatistics> {
        let first = Arm::new(numbers.n, numbers.sum, numbers.sum_squares)?;
        let SecondStatistics {
            sum,
            sum_squares,
            cross,
            ..
        } = numbers.second.unwrap_or_default();
        let second = Arm::new(numbers.n, sum, sum_squares)?;
        match kind {
            MetricKind::Plain => {}
            MetricKind::Ratio { .. } => {
                let arm = RatioArm::new(first, second, cross)?;
                if let Some(before) = &numbers.before {
                    let arm = with_covariate(arm, before)?;
                    self.ratio_covariate.insert(variant.to_owned(), arm);
                } else {
                    self.ratio.insert(variant.to_owned(), arm);
                }
            }
            MetricKind::Covariate { .. } => {
                let arm = CovariateArm::new(first, second, cross)?;
                self.covariate.insert(variant.to_owned(), arm);
            }
            MetricKind::Quantile(quantile) => {
                if let Some(arm) = quantiles::arm(numbers, quantile, alpha)? {
                    self.quantile.insert(variant.to_owned(), arm);
                }
            }
        }
        self.plain.insert(variant.to_owned(), first);
        Ok(())
    }
}

/// A ratio with the same ratio before the exposure.
fn with_covariate(after: RatioArm, before: &RatioBefore) -> Result<RatioCovariateArm, InvalidStatistics> {
    let n = after.numerator().n();
    let arm = |at: usize| Arm::new(n, before.sums[at], before.sums_squares[at]);
    let of_before = RatioArm::new(arm(0)?, arm(1)?, before.cross)?;
    RatioCovariateArm::new(after, of_before, before.products)
}

/// Where numbers were capped and how many were; `None` for a metric that caps nothing.
fn winsorised(query: &MetricQuery, found: &MetricStatistics) -> Option<Winsorised> {
    let capped = |cap: &Cap, thresholds: Thresholds, n_capped: &dyn Fn(&VariantStatistics) -> u64| {
        (*cap != Cap::default()).then(|| CappedNumbers {
            lower_threshold: thresholds.lower,
            upper_threshold: thresholds.upper,
            n_capped: found.variants.values().map(n_capped).sum(),
        })
    };
    let of_second = |numbers: &VariantStatistics| numbers.second.map_or(0, |second| second.n_capped);
    let outcome = capped(&query.measure.cap, found.thresholds, &|numbers| numbers.n_capped);
    let (mut denominator, mut covariate, mut denominator_covariate) = (None, None, None);
    match &query.kind {
        MetricKind::Plain | MetricKind::Quantile(_) => {}
        MetricKind::Ratio {
            denominator: measure,
            look_back_ms,
        } => {
            denominator = capped(&measure.cap, found.second_thresholds, &of_second);
            if look_back_ms.is_some() {
                let of_before = |at: usize| {
                    move |numbers: &VariantStatistics| numbers.before.map_or(0, |before| before.n_capped[at])
                };
                let [first, second] = found.before_thresholds;
                covariate = capped(&query.measure.cap, first, &of_before(0));
                denominator_covariate = capped(&measure.cap, second, &of_before(1));
            }
        }
        MetricKind::Covariate { .. } => {
            covariate = capped(&query.measure.cap, found.second_thresholds, &of_second);
        }
    }
    (outcome.is_some() || denominator.is_some()).then(|| Winsorised {
        outcome: outcome.unwrap_or_default(),
        denominator,
        covariate,
        denominator_covariate,
    })
}
