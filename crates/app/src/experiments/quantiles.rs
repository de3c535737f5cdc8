//! The quantiles of an experiment's metrics: from what was found of the events to the statistics, and to what is told.

use liftgate_events::{
    ClusterSums, MetricKind, MetricQuery, MetricStatistics, Quantile, QuantileOf, QuantileStatistics,
    VariantStatistics,
};
use liftgate_stats::{
    Arm, InvalidStatistics, QuantileArm, QuantileEstimate, RatioArm, SignificanceLevel, design_effect,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The quantile of a variant for the statistics; `None` where there are too few numbers for its variance.
///
/// # Errors
/// For numbers that no identities can have.
pub(super) fn arm(
    numbers: &VariantStatistics,
    asked: &Quantile,
    alpha: SignificanceLevel,
) -> Result<Option<QuantileArm>, InvalidStatistics> {
    let Some(found) = &numbers.quantile else {
        return Ok(None);
    };
    let Spread {
        variance: Some(variance),
        ..
    } = Spread::new(numbers.n, found, asked, alpha)?
    else {
        return Ok(None);
    };
    let units = match found.clusters {
        Some(_) => numbers.n,
        None => found.n,
    };
    QuantileArm::new(units, found.quantile, variance).map(Some)
}

/// How exactly a quantile is known.
struct Spread {
    /// In the square of the metric's unit, with the design effect in it; `None` where there are too few numbers.
    variance: Option<f64>,
    /// How much wider the variance is because identities have several events; `None` for a quantile of identities.
    design_effect: Option<f64>,
}

impl Spread {
    fn new(
        identities: u64,
        found: &QuantileStatistics,
        asked: &Quantile,
        alpha: SignificanceLevel,
    ) -> Result<Self, InvalidStatistics> {
        let independent = found.ends.map(|[lower, upper]| {
            let estimate = QuantileEstimate {
                n: found.n,
                quantile: found.quantile,
                lower,
                upper,
            };
            estimate.variance(alpha)
        });
        let Some(clusters) = &found.clusters else {
            return Ok(Self {
                variance: independent,
                design_effect: None,
            });
        };
        let ClusterSums {
            indicator_sum,
            indicator_sum_squares,
            count_sum,
            count_sum_squares,
            cross,
        } = *clusters;
        let share_below = RatioArm::new(
            Arm::new(identities, indicator_sum, indicator_sum_squares)?,
            Arm::new(identities, count_sum, count_sum_squares)?,
            cross,
        )?;
        let design_effect = design_effect(&share_below, found.n, asked.level).ok();
        Ok(Self {
            variance: independent
                .zip(design_effect)
                .map(|(variance, effect)| variance * effect),
            design_effect,
        })
    }
}

/// What is told of a metric's quantile beside the known keys.
#[derive(Serialize)]
struct Report<'a> {
    level: f64,
    of: &'static str,
    ignore_zeros: bool,
    variants: BTreeMap<&'a str, VariantReport>,
}

/// One variant, in the metric's unit.
#[derive(Serialize)]
struct VariantReport {
    n: u64,
    quantile_hat: f64,
    lower: Option<f64>,
    upper: Option<f64>,
    design_effect: Option<f64>,
    standard_error: Option<f64>,
}

/// Adds the quantiles to the metrics of a payload that have one. The metrics of all three come in the same order.
pub(super) fn tell(
    payload: &mut Map<String, Value>,
    asked: &[MetricQuery],
    found: &[MetricStatistics],
    alpha: SignificanceLevel,
) {
    let metrics = payload.get_mut("metrics").and_then(Value::as_array_mut);
    for ((metric, asked), found) in metrics.into_iter().flatten().zip(asked).zip(found) {
        if let (MetricKind::Quantile(quantile), Value::Object(metric)) = (&asked.kind, metric) {
            let variants = found.variants.iter();
            let report = Report {
                level: quantile.level,
                of: match quantile.of {
                    QuantileOf::Identities => "identity",
                    QuantileOf::Events => "event",
                },
                ignore_zeros: quantile.ignore_zeros,
                variants: variants
                    .filter_map(|(name, numbers)| Some((name.as_str(), variant(numbers, quantile, alpha)?)))
                    .collect(),
            };
            metric.insert("quantile_source".into(), json!("exact"));
            metric.insert("quantile".into(), json!(report));
        }
    }
}

/// `None` for a variant without numbers to take a quantile of.
fn variant(numbers: &VariantStatistics, asked: &Quantile, alpha: SignificanceLevel) -> Option<VariantReport> {
    let found = numbers.quantile.as_ref()?;
    let spread = Spread::new(numbers.n, found, asked, alpha).ok()?;
    Some(VariantReport {
        n: found.n,
        quantile_hat: found.quantile,
        lower: found.ends.map(|[lower, _]| lower),
        upper: found.ends.map(|[_, upper]| upper),
        design_effect: spread.design_effect,
        standard_error: spread.variance.map(f64::sqrt),
    })
}
