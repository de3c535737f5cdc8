//! One treatment against control in one metric.

use super::input::{AnalysisSettings, MetricData, MetricInput, MetricRole};
use crate::arm::Arm;
use crate::covariate::{CovariateAdjustment, covariate_adjusted};
use crate::effect::EffectMoments;
use crate::error::Unestimable;
use crate::inference::Aggregation;
use crate::posterior::Direction;
use crate::proportions::Proportion;
use crate::ratio_covariate::ratio_covariate_adjusted;
use crate::shares::CONTROL;
use crate::stratified::{merge_sparse_strata, post_stratified};

/// The effect of a treatment with what the sections of its analysis need to know.
pub(super) struct Comparison<'a> {
    pub(super) metric: &'a MetricInput,
    pub(super) settings: &'a AnalysisSettings,
    pub(super) variant: &'a str,
    /// The sums of control and treatment, where they could be read.
    pub(super) arms: Option<(&'a Arm, &'a Arm)>,
    /// Why not, if there is no effect.
    pub(super) effect: Result<EffectMoments, Unestimable>,
    pub(super) adjustment: Option<CovariateAdjustment>,
}

/// Why there is nothing to compare with.
pub(super) struct ControlMissing;

impl<'a> Comparison<'a> {
    pub(super) fn new(
        metric: &'a MetricInput,
        settings: &'a AnalysisSettings,
        variant: &'a str,
    ) -> Result<Self, ControlMissing> {
        let arms = metric.variants.get(CONTROL).zip(metric.variants.get(variant));
        let mut adjustment = None;
        let effect = match &metric.data {
            MetricData::Sums => {
                let (control, treatment) = arms.ok_or(ControlMissing)?;
                EffectMoments::of_means(control, treatment)
            }
            MetricData::Covariate(of) => {
                let (control, treatment) = of.get(CONTROL).zip(of.get(variant)).ok_or(ControlMissing)?;
                covariate_adjusted(control, treatment).map(|adjusted| {
                    adjustment = Some(adjusted);
                    adjusted.effect
                })
            }
            MetricData::Ratio(of) => {
                let (control, treatment) = of.get(CONTROL).zip(of.get(variant)).ok_or(ControlMissing)?;
                EffectMoments::of_ratios(control, treatment)
            }
            MetricData::RatioCovariate(of) => {
                let (control, treatment) = of.get(CONTROL).zip(of.get(variant)).ok_or(ControlMissing)?;
                ratio_covariate_adjusted(control, treatment).map(|adjusted| {
                    adjustment = Some(adjusted);
                    adjusted.effect
                })
            }
            MetricData::Quantile(of) => {
                arms.ok_or(ControlMissing)?;
                let quantiles = of.get(CONTROL).zip(of.get(variant));
                quantiles
                    .ok_or(Unestimable::InsufficientData)
                    .and_then(|(control, treatment)| EffectMoments::of_quantiles(control, treatment))
            }
            MetricData::Strata(of) => {
                let strata = merge_sparse_strata(of.get(variant).ok_or(ControlMissing)?);
                strata.and_then(|strata| post_stratified(&strata))
            }
            MetricData::Periods(of) => post_stratified(of.get(variant).ok_or(ControlMissing)?),
        };
        Ok(Self {
            metric,
            settings,
            variant,
            arms,
            effect,
            adjustment,
        })
    }

    /// Conversions and units of both arms, if the metric is an occurrence that is compared by its sums.
    pub(super) fn proportions(&self) -> Option<(Proportion, Proportion)> {
        let plain = matches!(self.metric.data, MetricData::Sums);
        if self.metric.aggregation != Aggregation::Occurrence || !plain {
            return None;
        }
        let (control, treatment) = self.arms?;
        Some((proportion(control)?, proportion(treatment)?))
    }

    /// Units of control and treatment.
    pub(super) fn units(&self) -> Option<(u64, u64)> {
        match &self.metric.data {
            MetricData::Quantile(of) => {
                let (control, treatment) = of.get(CONTROL).zip(of.get(self.variant))?;
                Some((control.units(), treatment.units()))
            }
            MetricData::Strata(of) | MetricData::Periods(of) => {
                let strata = of.get(self.variant)?;
                Some(
                    strata
                        .iter()
                        .fold((0, 0), |(control, treatment): (u64, u64), stratum| {
                            (
                                control.saturating_add(stratum.control.n()),
                                treatment.saturating_add(stratum.treatment.n()),
                            )
                        }),
                )
            }
            _ => self.arms.map(|(control, treatment)| (control.n(), treatment.n())),
        }
    }

    /// Whether there is enough for a sequential verdict: 100 units in each arm, and 10 events of an occurrence or 50 units
    /// with a value of sums, counts and ratios (contract, statistics section 6).
    ///
    /// The units with a value are at least `sum^2 / sum_squares` (Cauchy-Schwarz); that bound stands for them.
    pub(super) fn is_ready(&self) -> bool {
        const UNITS: u64 = 100;
        const EVENTS: f64 = 10.0;
        const UNITS_WITH_VALUE: f64 = 50.0;
        let enough_units = self
            .units()
            .is_some_and(|(control, treatment)| control.min(treatment) >= UNITS);
        let arms = self.arms.map(|(control, treatment)| [control, treatment]);
        let all = |enough: &dyn Fn(&Arm) -> bool| arms.is_none_or(|arms| arms.into_iter().all(enough));
        let enough_events = match self.metric.aggregation {
            Aggregation::Occurrence => all(&|arm| arm.sum() >= EVENTS),
            Aggregation::Count | Aggregation::Sum => {
                all(&|arm| arm.sum() * arm.sum() >= UNITS_WITH_VALUE * arm.sum_squares())
            }
            Aggregation::Mean => true,
        };
        enough_units && enough_events
    }

    /// Whether the effect goes the way that is wanted.
    pub(super) fn is_better(&self, estimate: f64) -> bool {
        if self.metric.wanted == Direction::Down {
            estimate < 0.0
        } else {
            estimate > 0.0
        }
    }

    /// Whether the metric takes part in a family of p-values.
    pub(super) fn is_corrected(&self) -> bool {
        !matches!(self.metric.role, MetricRole::Guardrail(_))
    }
}

/// An arm of an occurrence metric as counts; `None` if its sums are not.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number of at most n"
)]
fn proportion(arm: &Arm) -> Option<Proportion> {
    let whole = arm.sum().fract() == 0.0 && (0.0..=arm.units()).contains(&arm.sum());
    whole
        .then(|| Proportion::new(arm.n(), arm.sum() as u64).ok())
        .flatten()
}
