//! What is asked about a metric, and what is answered.

use std::collections::BTreeMap;

/// One metric of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricQuery {
    /// The metric's id, given back with its numbers.
    pub metric_id: i64,
    /// The number of each identity; of a ratio, its numerator.
    pub measure: Measure,
    /// When, by the identity's own first exposure, an event has to happen to count. `None` counts all from the first
    /// exposure to the end of the analysed time.
    pub window: Option<ExposureWindow>,
    /// What is computed beside the number.
    pub kind: MetricKind,
}

impl MetricQuery {
    /// All events of one name from the first exposure on, nothing capped, nothing beside.
    pub fn new(metric_id: i64, event: impl Into<String>, aggregation: Aggregation) -> Self {
        Self {
            metric_id,
            measure: Measure::new(event, aggregation),
            window: None,
            kind: MetricKind::Plain,
        }
    }
}

/// What is computed beside the number of each identity.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricKind {
    /// Nothing.
    Plain,
    /// A second number over the same time, for a ratio of sums.
    Ratio {
        /// The denominator.
        denominator: Measure,
        /// How long before the exposure both numbers are taken too, as for [`MetricKind::Covariate`]; `None` for a ratio without a
        /// covariate.
        look_back_ms: Option<i64>,
    },
    /// The same measure before the exposure.
    Covariate {
        /// How long before the identity's first exposure, in milliseconds, above 0. The exposure's own millisecond belongs
        /// to the time after it. An identity that did nothing then has 0.
        look_back_ms: i64,
    },
    /// A quantile in place of a mean.
    Quantile(Quantile),
}

/// An order statistic of each variant, with the ends of its outer confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// Which one, above 0 and below 1: 0.5 is the median.
    pub level: f64,
    /// Half the width of the interval in standard errors of a rank, above 0: 1.96 for 95 %.
    pub z: f64,
    /// What it is a quantile of.
    pub of: QuantileOf,
    /// Whether numbers of 0 are left out.
    pub ignore_zeros: bool,
}

/// What a quantile is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantileOf {
    /// The numbers of the identities.
    Identities,
    /// The values of their events that count, whatever the aggregation; a value that is no number is 0.
    Events,
}

/// How events become one number of an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// The name of the events.
    pub event: String,
    /// Which of them count.
    pub filter: EventFilter,
    /// How the events of one identity become one number.
    pub aggregation: Aggregation,
    /// How far a number counts.
    pub cap: Cap,
}

impl Measure {
    /// All events of one name, nothing capped.
    pub fn new(event: impl Into<String>, aggregation: Aggregation) -> Self {
        Self {
            event: event.into(),
            filter: EventFilter::default(),
            aggregation,
            cap: Cap::default(),
        }
    }
}

/// How the events of one identity become its number. An identity without such events has 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// How many there are.
    Count,
    /// The sum of their values; a value that is no number counts as 0.
    Sum,
    /// The mean of their values; a value that is no number counts as 0.
    Mean,
    /// 1 when there are any.
    Occurrence,
}

/// Which events of a name count: those that meet every condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    /// The least value, finite; a value that is no number counts as 0.
    pub min_value: Option<f64>,
    /// The greatest value, finite.
    pub max_value: Option<f64>,
    /// Members that the metadata must have.
    pub metadata: BTreeMap<String, MetadataValue>,
}

/// A value in the metadata of an event. It equals one of its own type only: the text `true` is not true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataValue {
    /// A text.
    Text(String),
    /// True or false.
    Boolean(bool),
}

/// A time after the first exposure of an identity: from `from_ms` after it, to before `until_ms` after it.
///
/// An identity counts, with or without events, once its window is over by the end of the analysed time; until then it is in
/// none of the metric's numbers. So those exposed lately do not pass for those who stayed away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposureWindow {
    /// Milliseconds after the first exposure, not negative.
    pub from_ms: i64,
    /// Milliseconds after the first exposure, greater than `from_ms`.
    pub until_ms: i64,
}

/// How far the number of an identity counts. A number of 0 is never moved. Numbers below `lower` become it first, then
/// those above `upper`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cap {
    /// Where numbers that are too small are put; `None` for no such limit.
    pub lower: Option<CapAt>,
    /// Where numbers that are too large are put; `None` for no such limit.
    pub upper: Option<CapAt>,
}

/// A threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CapAt {
    /// A number, finite.
    Value(f64),
    /// The quantile of that share, 0 to 1, of the numbers other than 0 of all variants together: linear between the
    /// neighbouring order statistics (type 7 of Hyndman & Fan 1996). Where there are none, nothing is capped.
    Share(f64),
}

/// The numbers of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricStatistics {
    /// The metric's id.
    pub metric_id: i64,
    /// Where the numbers of the identities were capped.
    pub thresholds: Thresholds,
    /// Where the denominators or covariates were capped.
    pub second_thresholds: Thresholds,
    /// Where the numerators and denominators before the exposure were capped, of a ratio with a covariate.
    pub before_thresholds: [Thresholds; 2],
    /// The numbers per variant; every variant with an identity is present.
    pub variants: BTreeMap<String, VariantStatistics>,
}

/// Thresholds in force; `None` caps nothing on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// Numbers below became this.
    pub lower: Option<f64>,
    /// Numbers above became this.
    pub upper: Option<f64>,
}

/// The numbers of one metric and variant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VariantStatistics {
    /// The exposed identities, with and without events; with a window, those whose window is over.
    pub n: u64,
    /// The sum of the identities' numbers.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_squares: f64,
    /// How many of them were moved by a cap.
    pub n_capped: u64,
    /// The denominators or covariates; `None` for a metric that has neither.
    pub second: Option<SecondStatistics>,
    /// Numerators and denominators before the exposure; `None` for a metric that is no ratio with a covariate.
    pub before: Option<RatioBefore>,
    /// The quantile; `None` for a metric that asks for none, for a variant without numbers to take it of, and for variants
    /// beyond the 64 with most identities.
    pub quantile: Option<QuantileStatistics>,
}

/// The numerators and denominators of one ratio and variant before the exposure, an identity's own each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RatioBefore {
    /// The sums of numerators and of denominators.
    pub sums: [f64; 2],
    /// The sums of their squares.
    pub sums_squares: [f64; 2],
    /// The sum, over the identities, of numerator times denominator.
    pub cross: f64,
    /// `products[i][j]`: the sum, over the identities, of the numerator (`i = 0`) or denominator (`i = 1`) after the exposure times
    /// the numerator (`j = 0`) or denominator (`j = 1`) before it.
    pub products: [[f64; 2]; 2],
    /// How many numerators and denominators were moved by a cap.
    pub n_capped: [u64; 2],
}

/// A quantile of one metric and variant. Ranks are counted from 1 among the `n` numbers in ascending order.
///
/// # Source
/// Deng, Knoblich & Lu (2018), *Applying the delta method in metric analytics*, KDD, section 4: the outer interval of an
/// order statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileStatistics {
    /// The numbers that it is of: those of identities or of events.
    pub n: u64,
    /// The number of rank `ceil(n level)`; a product within 1e-9 of a whole number counts as that.
    pub quantile: f64,
    /// The numbers of the ranks `floor(n level - z s)` and `ceil(n level + z s) + 1`, `s^2 = n level (1 - level)`; `None` when
    /// one of these is not a rank from 1 to `n`.
    pub ends: Option<[f64; 2]>,
    /// How the events lie among the identities; `None` for a quantile of identities.
    pub clusters: Option<ClusterSums>,
}

/// Sums over the identities of a variant, with and without events, of how many events each has (`count`) and how many of
/// these are at or below the quantile (`indicator`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClusterSums {
    /// Events at or below the quantile.
    pub indicator_sum: f64,
    /// The sum of the squares of each identity's number of them.
    pub indicator_sum_squares: f64,
    /// Events.
    pub count_sum: f64,
    /// The sum of the squares of each identity's number of them.
    pub count_sum_squares: f64,
    /// The sum, over the identities, of the first times the second.
    pub cross: f64,
}

/// The second numbers of the identities of one metric and variant: denominators or covariates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SecondStatistics {
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_squares: f64,
    /// The sum, over the identities, of first times second number.
    pub cross: f64,
    /// How many of them were moved by a cap.
    pub n_capped: u64,
}
