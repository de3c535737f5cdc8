//! Effects over time: as of the end of each day, and of each day by itself (contract, statistics section 15).

use std::collections::BTreeMap;

use serde::Serialize;

use super::analysis::AnalysisStatus;
use super::comparison::Comparison;
use super::input::{AnalysisSettings, MetricData, MetricInput};
use super::monitoring::tuning;
use super::payload::treatments;
use crate::arm::count_as_f64;
use crate::confidence_sequence::confidence_sequence;
use crate::effect::EffectMoments;
use crate::fixed_horizon::{flat_relative, welch_test};
use crate::heterogeneity::{GroupEffect, MIN_UNITS_PER_LEVEL, novelty};
use crate::impact::scaled_impact;
use crate::posterior::Interval;

/// One day of an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesDay {
    /// The day, as it is to be reported.
    pub day: String,
    /// Whether it is over.
    pub is_complete: bool,
    /// The metrics as of its end, in the order in which they are to be reported.
    pub cumulative: Vec<MetricInput>,
    /// What happened on the day itself to units that had all of it, in the same order; `None` for a metric that has no
    /// numbers of a day.
    pub daily: Vec<Option<MetricInput>>,
}

/// The series of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricSeries {
    /// Identifier of the metric.
    pub metric_id: i64,
    /// Each variant but control against control.
    pub variants: BTreeMap<String, VariantSeries>,
}

/// The series of one treatment in one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantSeries {
    /// The effect as of the end of each day.
    pub cumulative: Vec<CumulativePoint>,
    /// The effect of each day by itself; empty for a metric that has no numbers of a day.
    pub daily: Vec<DailyPoint>,
    /// Whether the effects of the days drift; `None` below two days that count.
    pub novelty: Option<NoveltyReport>,
    /// The effect as of the last day, times the eligible units of a day; `None` where units or effect are not known, and for
    /// ratios and quantiles, which do not add up over units.
    pub scaled_impact: Option<ImpactReport>,
}

/// The effect as of the end of a day, with the interval that may be read at any time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CumulativePoint {
    /// The day.
    pub day: String,
    /// Whether it is over.
    pub is_complete: bool,
    /// Whether there is an effect, or why not.
    pub status: AnalysisStatus,
    /// Units of control.
    pub control_units: u64,
    /// Units of the treatment.
    pub units: u64,
    /// Treatment minus control, in the metric's unit.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Lower end of the confidence sequence.
    pub ci_low: Option<f64>,
    /// Upper end of the confidence sequence.
    pub ci_high: Option<f64>,
    /// The effect relative to control, a share.
    pub lift: Option<f64>,
    /// Lower end of its confidence sequence.
    pub relative_ci_low: Option<f64>,
    /// Upper end of its confidence sequence.
    pub relative_ci_high: Option<f64>,
}

/// The effect of one day by itself, with intervals that hold for that day alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DailyPoint {
    /// The day.
    pub day: String,
    /// Whether it is over.
    pub is_complete: bool,
    /// Whether there is an effect, or why not.
    pub status: AnalysisStatus,
    /// Units of control.
    pub control_units: u64,
    /// Units of the treatment.
    pub units: u64,
    /// Treatment minus control, in the metric's unit.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Lower end of Welch's interval.
    pub ci_low: Option<f64>,
    /// Upper end of Welch's interval.
    pub ci_high: Option<f64>,
    /// The effect relative to control, a share.
    pub lift: Option<f64>,
    /// Its standard error by the delta method.
    pub lift_standard_error: Option<f64>,
}

/// Whether the effects of the days drift.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NoveltyReport {
    /// What the slope is of: `relative`, of the lift, or `absolute`, of the effect in the metric's unit.
    pub scale: &'static str,
    /// Days that count.
    pub days: usize,
    /// Change per day.
    pub slope: f64,
    /// Slope over its standard error.
    pub z: f64,
    /// Whether `|z| > 3` over seven days or more.
    pub flagged: bool,
}

/// What the effect comes to in a day when every eligible unit gets the treatment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ImpactReport {
    /// Eligible units of a day at a full rollout.
    pub units_per_day: f64,
    /// In the metric's unit, per day.
    pub estimate: f64,
    /// Lower end of the confidence sequence, scaled alike.
    pub ci_low: f64,
    /// Upper end of the confidence sequence, scaled alike.
    pub ci_high: f64,
}

/// The series of every metric and treatment.
///
/// `days` are in order, without gaps. `eligible_units_per_day` is that of a full rollout, at least 0; `None` if unknown.
///
/// # Formula
/// Each day's end by [`confidence_sequence`]; each day by Welch and the delta method; the drift by [`novelty`] over the
/// complete days that have [`MIN_UNITS_PER_LEVEL`] units in both arms and an effect. It is the drift of the lift if control can
/// be told from 0 on all of these days (Fieller's `g` below 1), which weekends and units that fall asleep leave alone;
/// else of the absolute effect.
///
/// # Source
/// Contract, statistics section 15. Kohavi, Tang & Xu (2020), *Trustworthy Online Controlled Experiments*, chapters 3 and 23,
/// for daily effects as the place to look for novelty; Kohavi et al. (2012), *Trustworthy online controlled experiments:
/// five puzzling outcomes explained*, KDD, for why the cumulative ones are not.
pub fn series(
    days: &[SeriesDay],
    settings: &AnalysisSettings,
    eligible_units_per_day: Option<f64>,
) -> Vec<MetricSeries> {
    let Some(last) = days.last() else {
        return Vec::new();
    };
    let of_metric = |(index, metric): (usize, &MetricInput)| MetricSeries {
        metric_id: metric.metric_id,
        variants: treatments(metric)
            .map(|variant| {
                let made = of_variant(days, index, settings, variant, eligible_units_per_day);
                (variant.clone(), made)
            })
            .collect(),
    };
    last.cumulative.iter().enumerate().map(of_metric).collect()
}

fn of_variant(
    days: &[SeriesDay],
    metric: usize,
    settings: &AnalysisSettings,
    variant: &str,
    eligible_units_per_day: Option<f64>,
) -> VariantSeries {
    let cumulative: Vec<CumulativePoint> = days
        .iter()
        .filter_map(|day| Some(cumulative(day, day.cumulative.get(metric)?, settings, variant)))
        .collect();
    let mut daily = Vec::new();
    let mut counted: Vec<(f64, EffectMoments)> = Vec::new();
    for (number, day) in (0_u64..).zip(days) {
        let Some(input) = day.daily.get(metric).and_then(Option::as_ref) else {
            continue;
        };
        let (point, effect) = daily_point(day, input, settings, variant);
        if let Some(effect) = effect
            && day.is_complete
            && point.control_units.min(point.units) >= MIN_UNITS_PER_LEVEL
        {
            counted.push((count_as_f64(number), effect));
        }
        daily.push(point);
    }
    let adds_up = days
        .last()
        .and_then(|day| day.cumulative.get(metric))
        .is_some_and(|metric| {
            !matches!(
                metric.data,
                MetricData::Ratio(_) | MetricData::RatioCovariate(_) | MetricData::Quantile(_)
            )
        });
    let scaled_impact = eligible_units_per_day
        .filter(|_| adds_up)
        .and_then(|units| impact(cumulative.last()?, units));
    VariantSeries {
        novelty: drift(&counted, settings),
        cumulative,
        daily,
        scaled_impact,
    }
}

fn cumulative(
    day: &SeriesDay,
    metric: &MetricInput,
    settings: &AnalysisSettings,
    variant: &str,
) -> CumulativePoint {
    let compared = Compared::new(metric, settings, variant);
    let sequence = compared
        .comparison
        .as_ref()
        .and_then(|comparison| confidence_sequence(&comparison.effect.ok()?, &tuning(settings)?).ok());
    let relative = sequence.and_then(|sequence| sequence.relative.interval);
    CumulativePoint {
        day: day.day.clone(),
        is_complete: day.is_complete,
        status: compared.status,
        control_units: compared.control_units,
        units: compared.units,
        estimate: compared.effect.map(|effect| effect.estimate),
        standard_error: compared.standard_error(),
        ci_low: sequence.map(|sequence| sequence.ci_low),
        ci_high: sequence.map(|sequence| sequence.ci_high),
        lift: compared.effect.and_then(|effect| effect.lift().ok()),
        relative_ci_low: relative.map(|interval| interval.low),
        relative_ci_high: relative.map(|interval| interval.high),
    }
}

/// The effect of a day, also as moments if it varies.
fn daily_point(
    day: &SeriesDay,
    metric: &MetricInput,
    settings: &AnalysisSettings,
    variant: &str,
) -> (DailyPoint, Option<EffectMoments>) {
    let compared = Compared::new(metric, settings, variant);
    let test = compared
        .effect
        .and_then(|effect| welch_test(&effect, settings.alpha).ok());
    let lift_standard_error = compared
        .effect
        .and_then(|effect| effect.lift_standard_error().ok());
    let point = DailyPoint {
        day: day.day.clone(),
        is_complete: day.is_complete,
        status: compared.status,
        control_units: compared.control_units,
        units: compared.units,
        estimate: compared.effect.map(|effect| effect.estimate),
        standard_error: compared.standard_error(),
        ci_low: test.map(|test| test.ci_low),
        ci_high: test.map(|test| test.ci_high),
        lift: compared.effect.and_then(|effect| effect.lift().ok()),
        lift_standard_error,
    };
    (point, compared.effect.filter(|effect| effect.variance > 0.0))
}

/// A treatment against control, as far as it goes.
pub(super) struct Compared<'a> {
    comparison: Option<Comparison<'a>>,
    pub(super) status: AnalysisStatus,
    pub(super) control_units: u64,
    pub(super) units: u64,
    pub(super) effect: Option<EffectMoments>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(metric: &'a MetricInput, settings: &'a AnalysisSettings, variant: &'a str) -> Self {
        let comparison = Comparison::new(metric, settings, variant).ok();
        let (control_units, units) = comparison.as_ref().and_then(Comparison::units).unwrap_or((0, 0));
        let status = match comparison.as_ref().map(|comparison| comparison.effect) {
            None => AnalysisStatus::ControlMissing,
            Some(Err(reason)) => AnalysisStatus::Unestimable(reason),
            Some(Ok(effect)) => match flat_relative(&effect) {
                Ok(_) => AnalysisStatus::Ok,
                Err(reason) => AnalysisStatus::Unestimable(reason),
            },
        };
        Self {
            effect: comparison.as_ref().and_then(|comparison| comparison.effect.ok()),
            comparison,
            status,
            control_units,
            units,
        }
    }

    /// `None` if nothing varies.
    pub(super) fn standard_error(&self) -> Option<f64> {
        let variance = self.effect?.variance;
        (variance > 0.0).then(|| variance.sqrt())
    }
}

/// The drift of the days that count, each with its number.
fn drift(days: &[(f64, EffectMoments)], settings: &AnalysisSettings) -> Option<NoveltyReport> {
    let multiplier = crate::normal::two_sided_quantile(settings.alpha);
    let relative = |effect: &EffectMoments| {
        let told_from_zero = multiplier * effect.baseline_variance.sqrt() < effect.baseline.abs();
        flat_relative(effect).ok().filter(|_| told_from_zero)
    };
    let lifts: Option<Vec<(f64, GroupEffect)>> = days
        .iter()
        .map(|(day, effect)| {
            let lift = relative(effect)?;
            Some((*day, GroupEffect::new(lift.mean, lift.standard_deviation).ok()?))
        })
        .collect();
    let (scale, effects) = match lifts {
        Some(lifts) => ("relative", lifts),
        None => (
            "absolute",
            days.iter()
                .filter_map(|(day, effect)| {
                    Some((
                        *day,
                        GroupEffect::new(effect.estimate, effect.variance.sqrt()).ok()?,
                    ))
                })
                .collect(),
        ),
    };
    let found = novelty(&effects)?;
    Some(NoveltyReport {
        scale,
        days: effects.len(),
        slope: found.slope,
        z: found.z,
        flagged: found.flagged,
    })
}

fn impact(last: &CumulativePoint, units_per_day: f64) -> Option<ImpactReport> {
    let interval = Interval {
        low: last.ci_low?,
        high: last.ci_high?,
    };
    let scaled = scaled_impact(last.estimate?, interval, units_per_day).ok()?;
    let is_finite = [scaled.estimate, scaled.interval.low, scaled.interval.high]
        .iter()
        .all(|number| number.is_finite());
    is_finite.then_some(ImpactReport {
        units_per_day,
        estimate: scaled.estimate,
        ci_low: scaled.interval.low,
        ci_high: scaled.interval.high,
    })
}
