//! What is read for the metrics of a question, and what each of them makes of it.

use std::ops::Range;

use super::sums::CompensatedSum;
use crate::metric::{
    Aggregation, Cap, EventFilter, ExposureWindow, Measure, MetricKind, MetricQuery, Quantile,
};

/// Everything that the metrics need, each thing once.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The rows that are read.
    pub events: Vec<EventRows>,
    /// What is added up of them.
    pub sources: Vec<Source>,
    /// The metrics, in the order in which they were asked for.
    pub metrics: Vec<MetricPlan>,
}

/// The rows of one event that meet a filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventRows {
    pub event: String,
    pub filter: EventFilter,
}

/// What is added up for each identity over the rows of one event, in a time relative to the first exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The position of the rows in [`Plan::events`].
    pub event: usize,
    /// Milliseconds after the first exposure; negative ones lie before it.
    pub period: Range<i64>,
    pub needs_counts: bool,
    pub needs_sums: bool,
}

/// What a metric makes of the sources.
#[derive(Clone, Debug)]
pub(crate) struct MetricPlan {
    pub metric_id: i64,
    pub first: NumberPlan,
    /// The denominator or the covariate.
    pub second: Option<NumberPlan>,
    /// Numerator and denominator before the exposure, of a ratio with a covariate.
    pub before: Option<[NumberPlan; 2]>,
    /// The quantile that is taken of the first number, or of the events that it is made of.
    pub quantile: Option<Quantile>,
    /// An identity counts when this many milliseconds of the analysed time follow its first exposure.
    pub matures_after_ms: i64,
}

/// How one number of an identity is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberPlan {
    /// The position in [`Plan::sources`].
    pub source: usize,
    pub aggregation: Aggregation,
    pub cap: Cap,
}

impl MetricPlan {
    /// Whether an identity that was first exposed at `first_ms` counts when the analysed time ends at `until_ms`: it was exposed
    /// before that, and for long enough by then.
    pub(crate) fn counts(&self, first_ms: i64, until_ms: i64) -> bool {
        first_ms < until_ms && first_ms.saturating_add(self.matures_after_ms) <= until_ms
    }
}

impl Plan {
    pub(crate) fn new(metrics: &[MetricQuery]) -> Self {
        let mut plan = Self::default();
        for metric in metrics {
            let after = metric
                .window
                .map_or(0..i64::MAX, |ExposureWindow { from_ms, until_ms }| {
                    from_ms..until_ms
                });
            let first = plan.number(&metric.measure, after.clone());
            let before = |look_back_ms: i64| look_back_ms.saturating_neg()..0;
            let (second, before) = match &metric.kind {
                MetricKind::Plain | MetricKind::Quantile(_) => (None, None),
                MetricKind::Ratio {
                    denominator,
                    look_back_ms,
                } => (
                    Some(plan.number(denominator, after)),
                    look_back_ms.map(|look_back_ms| {
                        [&metric.measure, denominator]
                            .map(|measure| plan.number(measure, before(look_back_ms)))
                    }),
                ),
                MetricKind::Covariate { look_back_ms } => {
                    (Some(plan.number(&metric.measure, before(*look_back_ms))), None)
                }
            };
            plan.metrics.push(MetricPlan {
                metric_id: metric.metric_id,
                first,
                second,
                before,
                quantile: match metric.kind {
                    MetricKind::Quantile(quantile) => Some(quantile),
                    _ => None,
                },
                matures_after_ms: metric.window.map_or(0, |window| window.until_ms),
            });
        }
        plan
    }

    /// How long before a first exposure events are looked at, in milliseconds.
    pub(crate) fn look_back_ms(&self) -> i64 {
        let starts = self.sources.iter().map(|source| source.period.start);
        starts.min().unwrap_or(0).min(0).saturating_neg()
    }

    /// The bytes that one identity takes.
    pub(crate) fn identity_bytes(&self) -> usize {
        let bytes = |needed: bool, bytes: usize| if needed { bytes } else { 0 };
        let of_source = |source: &Source| {
            bytes(source.needs_counts, size_of::<u64>())
                + bytes(source.needs_sums, size_of::<CompensatedSum>())
        };
        self.sources.iter().map(of_source).sum()
    }

    fn number(&mut self, measure: &Measure, period: Range<i64>) -> NumberPlan {
        let rows = EventRows {
            event: measure.event.clone(),
            filter: measure.filter.clone(),
        };
        let event = position_or_push(&mut self.events, |known| *known == rows, || rows.clone());
        let source = position_or_push(
            &mut self.sources,
            |known| known.event == event && known.period == period,
            || Source {
                event,
                period: period.clone(),
                needs_counts: false,
                needs_sums: false,
            },
        );
        let aggregation = measure.aggregation;
        self.sources[source].needs_counts |= aggregation != Aggregation::Sum;
        self.sources[source].needs_sums |= matches!(aggregation, Aggregation::Sum | Aggregation::Mean);
        NumberPlan {
            source,
            aggregation,
            cap: measure.cap,
        }
    }
}

fn position_or_push<T>(all: &mut Vec<T>, is_it: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> usize {
    all.iter().position(is_it).unwrap_or_else(|| {
        all.push(make());
        all.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_metrics_share_is_read_and_added_up_once() {
        let plain = |aggregation| MetricQuery::new(1, "purchase", aggregation);
        let covariate = MetricQuery {
            kind: MetricKind::Covariate { look_back_ms: 5 },
            ..plain(Aggregation::Sum)
        };
        let plan = Plan::new(&[plain(Aggregation::Count), covariate, plain(Aggregation::Mean)]);
        assert_eq!((plan.events.len(), plan.sources.len()), (1, 2));
        assert!(plan.sources[0].needs_counts && plan.sources[0].needs_sums);
        assert!(!plan.sources[1].needs_counts && plan.sources[1].needs_sums);
        assert_eq!(plan.look_back_ms(), 5);
        assert_eq!(plan.identity_bytes(), 8 + 16 + 16);
    }
}
